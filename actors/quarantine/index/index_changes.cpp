#include "actors/quarantine/index/index_changes.hpp"

#include <algorithm>

#include "actors/quarantine/index/packed_columns.hpp"
#include "actors/quarantine/index/statements.hpp"

namespace ie {
namespace {

constexpr const char* insert_mail =
    "INSERT INTO mails (id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits, file_bytes, attachment_findings, recipients, "
    "settled_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, 0)";

bool have_line_ends(const std::vector<std::string>& recipients) {
    return std::any_of(recipients.begin(), recipients.end(),
                       [](const std::string& each) { return each.find('\n') != each.npos; });
}

bool have_line_ends(const index_change& change) {
    if (const auto* added = std::get_if<add_mail>(&change)) {
        return have_line_ends(added->row.recipients);
    }
    const auto* joined = std::get_if<add_recipients>(&change);
    return joined != nullptr && have_line_ends(joined->recipients);
}

void apply(quarantine_database& database, const add_mail& change) {
    const mail_row& row = change.row;
    const hold_ticket& ticket = row.ticket;
    kept_statement insert(database, insert_mail);
    binder bind(insert);
    bind(row.id, ticket.id, ticket.owner.account, ticket.owner.domain, ticket.owner.sender_address,
         ticket.owner.script, ticket.sender, row.subject, row.script_header.raw,
         row.script_header.domain, row.script_header.path, int64_t{bits_of(ticket.reasons)},
         ticket.score, ticket.judged_by, static_cast<int64_t>(ticket.originator_uid),
         ticket.authenticated_id, ticket.client_address, row.queue_id, ticket.received_at_ms,
         row.held_at_ms, static_cast<int64_t>(row.size_bytes), row.release.state, row.release.bound,
         row.release.error, packed(ticket.limits), static_cast<int64_t>(row.file_bytes),
         packed(ticket.attachment_findings), lines_of(row.recipients));
    insert->exec();
}

void apply(quarantine_database& database, const add_recipients& change) {
    kept_statement update(database,
                          "UPDATE mails SET recipients = recipients || ?, file_bytes = ? "
                          "WHERE number = ?");
    binder bind(update);
    bind(lines_of(change.recipients), static_cast<int64_t>(change.file_bytes), change.number);
    update->exec();
}

void apply(quarantine_database& database, const set_file_bytes& change) {
    kept_statement update(database, "UPDATE mails SET file_bytes = ? WHERE number = ?");
    binder bind(update);
    bind(static_cast<int64_t>(change.file_bytes), change.number);
    update->exec();
}

void apply(quarantine_database& database, const set_release& change) {
    kept_statement update(database,
                          "UPDATE mails SET state = ?, bound_queue_id = ?, release_error = ?, "
                          "settled_at_ms = ? WHERE number = ?");
    binder bind(update);
    bind(change.after.state, change.after.bound, change.after.error,
         is_shown(change.after.state) ? int64_t{0} : change.now_ms, change.number);
    update->exec();
}

void apply(quarantine_database& database, const put_order& change) {
    kept_statement put(database, "INSERT OR REPLACE INTO releases VALUES (?, ?, ?, ?, ?)");
    const release_order& order = change.order;
    binder bind(put);
    bind(change.number, change.account, order.at_ms,
         int64_t{order.who.role == caller_role::account ? 1 : 0}, encode(order));
    put->exec();
}

void apply(quarantine_database& database, const uncount_release& change) {
    kept_statement update(database, "UPDATE releases SET counts = 0 WHERE mail = ?");
    update->bind(1, change.number);
    update->exec();
}

void apply(quarantine_database& database, const add_action& change) {
    kept_statement insert(database, "INSERT INTO actions (action) VALUES (?)");
    insert->bind(1, encode(change.action));
    insert->exec();
}

}  // namespace

outcome<nothing> check_changes(const std::vector<index_change>& changes) {
    for (const auto& each : changes) {
        if (have_line_ends(each)) {
            return fail(error_code::bad_request, "a recipient with a line end");
        }
    }
    return nothing{};
}

void apply(quarantine_database& database, const index_change& change) {
    std::visit([&](const auto& each) { apply(database, each); }, change);
}

}  // namespace ie
