#include "actors/quarantine/settle/release_rules.hpp"

#include <ctime>

#include "messages/text.hpp"

namespace ie {
namespace {

// "14:37 UTC"; the minute of a Unix time.
std::string minute_text(int64_t time_ms) {
    const auto when = static_cast<time_t>(time_ms / 1000);
    tm parts{};
    char text[16];
    if (gmtime_r(&when, &parts) == nullptr) return "later";
    return {text, std::strftime(text, sizeof text, "%H:%M UTC", &parts)};
}

outcome<release_record> begin(const release_record& now, mail_state next) {
    if (now.state == mail_state::releasing) {
        return fail(error_code::conflict, "the mail is being released");
    }
    if (now.state != mail_state::held) {
        return fail(error_code::not_found, "the mail is " + std::string(name_of(now.state)));
    }
    return release_record{next, now.bound, {}};
}

}  // namespace

error no_release_left(const account_name& account, uint32_t limit, int64_t first_at_ms) {
    constexpr int64_t minute_ms = 60'000;
    std::string what = "account " + log_value(account.value) + " may release ";
    if (limit == 0) {
        return fail(error_code::limit_reached, what + "no mail");
    }
    what += std::to_string(limit) + (limit == 1 ? " mail" : " mails") + " in 60 minutes";
    const int64_t next_ms = first_at_ms + allowance_window_ms + minute_ms - 1;
    return fail(error_code::limit_reached,
                what + ", the next one from " + minute_text(next_ms) + " on");
}

outcome<release_record> begin_release(const release_record& now) {
    return begin(now, mail_state::releasing);
}

outcome<release_record> begin_remove(const release_record& now) {
    return begin(now, mail_state::removed);
}

release_record after_delivery(const release_record& now, const outcome<mail_delivered>& answer) {
    if (now.state != mail_state::releasing) return now;
    if (answer) {
        return {mail_state::released, now.bound.empty() ? answer->queue_id : now.bound, {}};
    }
    if (!now.bound.empty()) return {mail_state::released, now.bound, {}};
    return {mail_state::held, {}, answer.failure().what};
}

confirmation confirm_copy(const release_record& now, const queue_id& asking) {
    if (now.state == mail_state::removed) return {now, false};
    if (!now.bound.empty()) return {now, now.bound == asking};
    const auto next = now.state == mail_state::held ? mail_state::released : now.state;
    return {{next, asking, {}}, true};
}

}  // namespace ie
