#include "actors/scanner/attachment_worker.hpp"

#include "actors/owed_answer.hpp"
#include "actors/scanner/attachments/attachment_scan.hpp"

namespace ie {
namespace {

struct worker_state {
    void open(attachment_options given) {
        options = std::move(given);
        rules.names = dangerous_names(options.rules.extensions);
        rules.depth_max = options.rules.depth_max;
        rules.entries_max = options.rules.entries_max;
        rules.unpacked_bytes_max = options.rules.unpacked_bytes_max;
    }

    attachments_found on_look(const look_into_mail& look, const mail_bytes& bytes) {
        return scan_attachments(bytes.view(), rules, [this, &look] {
            return options.steady_now_ms() >= look.deadline_at_ms;
        });
    }

    attachment_options options;
    attachment_rules rules;

    static constexpr const char* name = "attachment_worker";
};

attachment_worker::behavior_type worker(attachment_worker::stateful_pointer<worker_state> self,
                                        attachment_options options) {
    auto& state = self->state;
    state.open(std::move(options));
    return {
        [&state](const look_into_mail& look, const mail_bytes& bytes) {
            return state.on_look(look, bytes);
        },
    };
}

}  // namespace

attachment_worker make_attachment_worker(caf::actor_system& system, thread_use thread,
                                         attachment_options options) {
    return spawn_on(system, thread, worker, std::move(options));
}

}  // namespace ie
