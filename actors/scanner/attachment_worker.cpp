#include "actors/scanner/attachment_worker.hpp"

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
        const int64_t begun_ms = options.steady_now_ms();
        auto found = scan_attachments(bytes.view(), rules, [this, &look] {
            return options.steady_now_ms() >= look.deadline_at_ms;
        });
        ++looks;
        dangerous += found.is_dangerous ? 1 : 0;
        longest_ms = std::max(longest_ms, options.steady_now_ms() - begun_ms);
        return found;
    }

    actor_status on_get_status() const {
        actor_status status;
        status.actor = name;
        status.detail = std::to_string(looks) + " mails looked into, " + std::to_string(dangerous) +
                        " dangerous, the longest in " + std::to_string(longest_ms) + " ms";
        return status;
    }

    attachment_options options;
    attachment_rules rules;
    uint64_t looks = 0;
    uint64_t dangerous = 0;
    int64_t longest_ms = 0;

    static constexpr const char* name = "attachments";
};

attachment_worker::behavior_type worker(attachment_worker::stateful_pointer<worker_state> self,
                                        attachment_options options) {
    auto& state = self->state;
    state.open(std::move(options));
    return {
        [&state](const look_into_mail& look, const mail_bytes& bytes) {
            return state.on_look(look, bytes);
        },
        [&state](get_status) { return state.on_get_status(); },
    };
}

}  // namespace

attachment_worker make_attachment_worker(caf::actor_system& system, thread_use thread,
                                         attachment_options options) {
    return spawn_on(system, thread, worker, std::move(options));
}

}  // namespace ie
