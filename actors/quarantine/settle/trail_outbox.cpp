#include "actors/quarantine/settle/trail_outbox.hpp"

#include <algorithm>

namespace ie {
namespace {

constexpr std::chrono::seconds answer_timeout{10};

}  // namespace

void trail_outbox::tell() {
    if (waiting_ || !settings_) return;
    if (!compared_) return ask();
    auto actions = actions_.untold(actions_at_once_max);
    if (!actions) {
        trouble_.failed(actions.failure());
        return;
    }
    if (actions->empty()) return;
    waiting_ = true;
    self_
        ->request(settings_, answer_timeout, record_audit{actions_.identity(), std::move(*actions)})
        .then(
            [this](const audit_recorded& recorded) {
                waiting_ = false;
                const auto done = actions_.forget(recorded.last_number);
                if (!done) return (void)trouble_.failed(done.failure());
                tell();
            },
            [this](const caf::error&) { waiting_ = false; });  // told again with the next poll
}

void trail_outbox::ask() {
    waiting_ = true;
    self_->request(settings_, answer_timeout, record_audit{actions_.identity(), {}})
        .then(
            [this](const audit_recorded& recorded) {
                waiting_ = false;
                const auto done = compare(recorded.last_number);
                if (!done) return (void)trouble_.failed(done.failure());
                compared_ = true;
                tell();
            },
            [this](const caf::error&) { waiting_ = false; });
}

// What this database had when it was copied is the same in both lives: settings has it by its
// number.
outcome<nothing> trail_outbox::compare(uint64_t known) {
    const uint64_t last = actions_.last_action();
    const auto done = actions_.forget(std::min(known, last));
    if (!done || known <= last) return done;
    return actions_.begin_life();
}

add_action action_on(const caller& who, int64_t now_ms, std::string_view action, std::string object,
                     std::string_view before, std::string_view after, std::string result) {
    return {{0, who, now_ms, std::string(action), std::move(object), std::string(before),
             std::string(after), std::move(result)}};
}

}  // namespace ie
