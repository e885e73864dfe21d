#include "actors/quarantine/settle/trail_outbox.hpp"

#include <algorithm>

namespace ie {
namespace {

constexpr std::chrono::seconds answer_timeout{10};

}  // namespace

void trail_outbox::tell() {
    if (waiting_ || !context_.options.settings) return;
    if (!compared_) return ask();
    auto actions = action_outbox(context_.index).untold(actions_at_once_max);
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
                const auto done = action_outbox(context_.index).forget(recorded.last_number);
                if (!done) return (void)context_.failed(done.failure());
                tell();
            },
            [this](const caf::error&) { waiting_ = false; });  // told again with the next poll
}

void trail_outbox::ask() {
    waiting_ = true;
    context_.self
        ->request(context_.options.settings, answer_timeout,
                  record_audit{context_.index.identity(), {}})
        .then(
            [this](const audit_recorded& recorded) {
                waiting_ = false;
                const auto done = compare(recorded.last_number);
                if (!done) return (void)context_.failed(done.failure());
                compared_ = true;
                tell();
            },
            [this](const caf::error&) { waiting_ = false; });
}

// What this database had when it was copied is the same in both lives: settings has it by its
// number.
outcome<nothing> trail_outbox::compare(uint64_t known) {
    const uint64_t last = context_.index.last_action();
    const auto done = action_outbox(context_.index).forget(std::min(known, last));
    if (!done || known <= last) return done;
    return context_.index.begin_life();
}

}  // namespace ie
