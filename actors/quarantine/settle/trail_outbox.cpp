#include "actors/quarantine/settle/trail_outbox.hpp"

namespace ie {

void trail_outbox::tell() {
    constexpr std::chrono::seconds answer_timeout{10};
    if (waiting_ || !context_.options.settings) return;
    auto actions = context_.index.untold_actions(actions_at_once_max);
    if (!actions) {
        context_.failed(actions.failure());
        return;
    }
    if (actions->empty()) return;
    waiting_ = true;
    context_.self
        ->request(context_.options.settings, answer_timeout,
                  record_audit{context_.index.identity(), std::move(*actions)})
        .then(
            [this](const audit_recorded& recorded) {
                waiting_ = false;
                const auto done = context_.index.forget_actions(recorded.last_number);
                if (!done) return (void)context_.failed(done.failure());
                tell();
            },
            [this](const caf::error&) { waiting_ = false; });  // told again with the next poll
}

}  // namespace ie
