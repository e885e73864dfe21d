#include "actors/scanner/attachment_worker.hpp"

#include <ctime>

#include "actors/owed_answer.hpp"
#include "actors/scanner/attachments/attachment_scan.hpp"

namespace ie {
namespace {

// Of this thread.
int64_t cpu_time_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000;
}

struct worker_state {
    void open(attachment_options given) {
        options = std::move(given);
        rules.names = dangerous_names(options.rules.extensions);
        rules.depth_max = options.rules.depth_max;
        rules.entries_max = options.rules.entries_max;
        rules.unpacked_bytes_max = options.rules.unpacked_bytes_max;
    }

    attachments_found on_look(const look_into_mail& look, const mail_bytes& bytes) {
        const int64_t spent_at_ms = cpu_time_ms() + options.rules.timeout_ms / 2;
        return scan_attachments(
            bytes.view(), rules,
            {[spent_at_ms] { return cpu_time_ms() >= spent_at_ms; },
             [this, &look] { return options.steady_now_ms() >= look.deadline_at_ms; }});
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
