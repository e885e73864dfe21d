#include "actors/quarantine/release_rules.hpp"

namespace ie {
namespace {

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
