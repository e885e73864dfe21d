#include "actors/quarantine/quarantine_context.hpp"

#include "actors/quarantine/mail_headers.hpp"
#include "messages/text.hpp"

namespace ie {

outcome<mail_scope> scope_of(const caller& who, const account_name& asked) {
    const auto account = acting_account(who, asked);
    if (!account) return account.failure();
    const bool all =
        who.role == caller_role::root && equal_ignoring_case(account->value, root_account);
    return mail_scope{all ? account_name{} : *account};
}

outcome<mail_row> find_shown(quarantine_context& context, const mail_scope& scope,
                             const mail_id& id, const caller& who, std::string_view request) {
    const error none = fail(error_code::not_found, "no such mail: " + printable(id.value));
    const auto known = mail_id_of(id.value);
    if (!known) return none;
    auto row = context.index.find(*known);
    if (!row) return context.failed(row.failure());
    if (!*row || !is_shown((*row)->release.state)) return none;
    if (scope.holds(**row)) return std::move(**row);
    if (context.options.settings) {
        context.self->send(
            context.options.settings,
            request_refused{who, std::string(request), "not permitted: " + object_text(**row)});
    }
    return none;
}

add_action action_on(const caller& who, int64_t now_ms, std::string_view action, std::string object,
                     std::string_view before, std::string_view after, std::string result) {
    return {{0, who, now_ms, std::string(action), std::move(object), std::string(before),
             std::string(after), std::move(result)}};
}

std::string object_text(const mail_row& row) {
    return "mail " + row.id.value + " of " + row.ticket.owner.account.value;
}

add_mail row_of(const stored_record& record, std::string_view mail, uint64_t file_bytes) {
    auto traits = read_traits(split_mail(mail).header_block);
    return {{0,
             record.id,
             record.ticket,
             record.queue_id,
             record.recipients,
             std::move(traits.subject),
             std::move(traits.script_header),
             record.held_at_ms,
             record.size_bytes,
             file_bytes,
             {}}};
}

}  // namespace ie
