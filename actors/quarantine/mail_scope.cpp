#include "actors/quarantine/mail_scope.hpp"

namespace ie {

outcome<mail_scope> scope_of(const caller& who, const account_name& asked) {
    const auto account = acting_account(who, asked);
    if (!account) return account.failure();
    const bool all =
        who.role == caller_role::root && equal_ignoring_case(account->value, root_account);
    return mail_scope{all ? account_name{} : *account};
}

std::string object_text(const mail_row& row) {
    return "mail " + row.id.value + " of " + row.ticket.owner.account.value;
}

shown_mail find_shown(const held_mails& mails, const mail_scope& scope, const mail_id& id) {
    const error none = fail(error_code::not_found, "no such mail: " + printable(id.value));
    const auto known = mail_id_of(id.value);
    if (!known) return {none, {}};
    auto row = mails.find_short(*known);
    if (!row) return {row.failure(), {}};
    if (!*row || !is_shown((*row)->release.state)) return {none, {}};
    if (scope.holds(**row)) return {std::move(**row), {}};
    return {none, "not permitted: " + object_text(**row)};
}

}  // namespace ie
