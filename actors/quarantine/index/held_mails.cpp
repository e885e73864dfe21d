#include "actors/quarantine/index/held_mails.hpp"

#include "actors/quarantine/index/packed_columns.hpp"
#include "actors/quarantine/index/statements.hpp"

namespace ie {
namespace {

constexpr const char* row_columns =
    "SELECT number, id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits, file_bytes, attachment_findings";

std::string short_rows_where(std::string_view condition) {
    return std::string(row_columns).append(" FROM mails WHERE ").append(condition);
}
std::string rows_where(std::string_view condition) {
    return std::string(row_columns).append(", recipients FROM mails WHERE ").append(condition);
}

mail_row read_short_row(column_reader& read) {
    mail_row row;
    row.number = read.number();
    row.id.value = read.text();
    row.ticket.id.value = read.text();
    row.ticket.owner = {account_name{read.text()}, read.text(), read.text(), read.text()};
    row.ticket.sender = read.text();
    row.subject = read.text();
    row.script_header = {read.text(), read.text(), read.text()};
    row.ticket.reasons = reasons_of(static_cast<uint32_t>(read.number()));
    row.ticket.score = read.real();
    row.ticket.judged_by = read.enumerated<judge>();
    row.ticket.originator_uid = static_cast<uint32_t>(read.number());
    row.ticket.authenticated_id = read.text();
    row.ticket.client_address = read.text();
    row.queue_id.value = read.text();
    row.ticket.received_at_ms = read.number();
    row.held_at_ms = read.number();
    row.size_bytes = static_cast<uint64_t>(read.number());
    row.release.state = read.enumerated<mail_state>();
    row.release.bound.value = read.text();
    row.release.error = read.text();
    unpack(read.text(), row.ticket.limits);
    row.file_bytes = static_cast<uint64_t>(read.number());
    unpack(read.text(), row.ticket.attachment_findings);
    return row;
}

mail_row read_short_row(SQLite::Statement& statement) {
    column_reader read(statement);
    return read_short_row(read);
}

mail_row read_row(SQLite::Statement& statement) {
    column_reader read(statement);
    mail_row row = read_short_row(read);
    row.recipients = of_lines(read.text());
    return row;
}

std::vector<mail_row> read_short_rows(SQLite::Statement& statement) {
    std::vector<mail_row> rows;
    while (statement.executeStep()) rows.push_back(read_short_row(statement));
    return rows;
}

std::vector<mail_row> read_rows(SQLite::Statement& statement) {
    std::vector<mail_row> rows;
    while (statement.executeStep()) rows.push_back(read_row(statement));
    return rows;
}

std::optional<mail_row> only_one(std::vector<mail_row> rows) {
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

}  // namespace

outcome<std::optional<mail_row>> held_mails::find(const mail_id& id) const {
    return database_.guarded([&] {
        kept_statement query(database_, rows_where("id = ?"));
        query->bind(1, id.value);
        return only_one(read_rows(query));
    });
}

outcome<std::optional<mail_row>> held_mails::find_short(const mail_id& id) const {
    return database_.guarded([&] {
        kept_statement query(database_, short_rows_where("id = ?"));
        query->bind(1, id.value);
        return only_one(read_short_rows(query));
    });
}

outcome<std::vector<mail_row>> held_mails::find_by_ticket(const mail_id& ticket) const {
    return database_.guarded([&] {
        kept_statement query(database_,
                             rows_where("(id = ?1 AND ticket_id = id) OR "
                                        "(ticket_id = ?1 AND ticket_id != id) ORDER BY number"));
        query->bind(1, ticket.value);
        return read_rows(query);
    });
}

outcome<std::optional<mail_row>> held_mails::find(int64_t number) const {
    return database_.guarded([&] {
        kept_statement query(database_, rows_where("number = ?"));
        query->bind(1, number);
        return only_one(read_rows(query));
    });
}

outcome<std::vector<mail_id>> held_mails::releasing() const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_, "SELECT id FROM mails WHERE state = 1 ORDER BY number");
        std::vector<mail_id> ids;
        while (query.executeStep()) ids.emplace_back(query.getColumn(0).getString());
        return ids;
    });
}

outcome<std::vector<known_mail>> held_mails::ids_in(const std::string& prefix) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                "SELECT id, number, state, file_bytes FROM mails "
                                "WHERE id >= ? AND id < ? || '~'");
        binder bind(query);
        bind(prefix, prefix);
        std::vector<known_mail> mails;
        while (query.executeStep()) {
            column_reader read(query);
            known_mail mail;
            mail.id.value = read.text();
            mail.number = read.number();
            mail.state = read.enumerated<mail_state>();
            mail.file_bytes = static_cast<uint64_t>(read.number());
            mails.push_back(std::move(mail));
        }
        return mails;
    });
}

outcome<std::vector<mail_row>> held_mails::oldest_of(const account_name& account,
                                                     uint32_t limit) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                short_rows_where("state < 2 AND state = 0 AND account = ? "
                                                 "ORDER BY received_at_ms, number LIMIT ?"));
        binder bind(query);
        bind(account, static_cast<int64_t>(limit));
        return read_short_rows(query);
    });
}

outcome<std::vector<mail_row>> held_mails::received_before(int64_t time_ms, uint32_t limit) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                short_rows_where("state < 2 AND state = 0 AND received_at_ms < ? "
                                                 "ORDER BY received_at_ms LIMIT ?"));
        binder bind(query);
        bind(time_ms, static_cast<int64_t>(limit));
        return read_short_rows(query);
    });
}

outcome<uint32_t> held_mails::forget_settled(int64_t before_ms, uint32_t limit) const {
    return database_.guarded([&] {
        SQLite::Statement remove(*database_,
                                 "DELETE FROM mails WHERE number IN (SELECT number FROM mails "
                                 "WHERE state > 1 AND settled_at_ms < ? LIMIT ?)");
        binder bind(remove);
        bind(before_ms, static_cast<int64_t>(limit));
        return static_cast<uint32_t>(remove.exec());
    });
}

}  // namespace ie
