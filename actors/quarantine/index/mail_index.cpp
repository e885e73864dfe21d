#include "actors/quarantine/index/mail_index.hpp"

#include <algorithm>

#include "actors/quarantine/index/mail_index_parts.hpp"
#include "actors/quarantine/index/mail_schema.hpp"
#include "messages/text.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr const char* row_columns =
    "SELECT number, id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits, file_bytes, attachment_findings FROM mails ";

std::string rows_where(std::string_view condition) {
    return std::string(row_columns).append("WHERE ").append(condition);
}

constexpr const char* insert_mail =
    "INSERT INTO mails (id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits, file_bytes, attachment_findings, settled_at_ms) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)";

// What a column of a list holds.
template <class Item>
struct packed_list {
    std::vector<Item> items;

    static constexpr auto fields() { return std::tuple{field{"items", &packed_list::items}}; }
};

template <class Item>
std::string packed(const std::vector<Item>& items) {
    return items.empty() ? std::string{} : encode(packed_list<Item>{items});
}

// What can't be read is left out: it only explains.
template <class Item>
void unpack(const std::string& bytes, std::vector<Item>& items) {
    if (bytes.empty()) return;
    if (auto list = decode<packed_list<Item>>(bytes)) items = std::move(list->items);
}

void bind_condition(SQLite::Statement& statement, const sql_condition& where) {
    binder bind(statement);
    for (const auto& value : where.values) std::visit(bind, value);
}

}  // namespace

mail_index::mail_index(std::string path, std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)), at_(std::make_unique<connection>(connection{std::move(database)})) {}
mail_index::mail_index(mail_index&&) noexcept = default;
mail_index& mail_index::operator=(mail_index&&) noexcept = default;
mail_index::~mail_index() = default;

outcome<nothing> mail_index::commit(const std::vector<index_change>& changes) {
    const bool are_new = std::all_of(changes.begin(), changes.end(), [](const index_change& each) {
        return std::holds_alternative<add_mail>(each);
    });
    if (refused_) {
        if (const auto written = write_anew(); !written) return written;
    }
    const auto done = guarded([&]() -> outcome<nothing> {
        at_->wait_for_disk(!are_new);
        SQLite::Transaction transaction(*at_->database, SQLite::TransactionBehavior::IMMEDIATE);
        for (const auto& each : changes) {
            std::visit([&](const auto& change) { apply(change); }, each);
        }
        if (fault_.fails("commit", path_)) {
            refused_ = errno == EIO;
            return fail(error_code::storage_failed, path_ + ": " + errno_text(errno));
        }
        transaction.commit();
        return nothing{};
    });
    if (!done) return done.failure();
    if (*done) (void)fault_.fails("committed", path_);
    return *done;
}

void mail_index::apply(const add_mail& change) {
    const mail_row& row = change.row;
    const hold_ticket& ticket = row.ticket;
    kept_statement insert(*this, insert_mail);
    binder bind(insert);
    bind(row.id, ticket.id, ticket.owner.account, ticket.owner.domain, ticket.owner.sender_address,
         ticket.owner.script, ticket.sender, row.subject, row.script_header.raw,
         row.script_header.domain, row.script_header.path, int64_t{bits_of(ticket.reasons)},
         ticket.score, ticket.judged_by, static_cast<int64_t>(ticket.originator_uid),
         ticket.authenticated_id, ticket.client_address, row.queue_id, ticket.received_at_ms,
         row.held_at_ms, static_cast<int64_t>(row.size_bytes), row.release.state, row.release.bound,
         row.release.error, packed(ticket.limits), static_cast<int64_t>(row.file_bytes),
         packed(ticket.attachment_findings));
    insert->exec();
    insert_recipients(at_->database->getLastInsertRowid(), -1, row.recipients);
}

void mail_index::apply(const add_recipients& change) {
    kept_statement last(*this, "SELECT COALESCE(MAX(position), -1) FROM recipients WHERE mail = ?");
    last->bind(1, change.number);
    last->executeStep();
    insert_recipients(change.number, last->getColumn(0).getInt64(), change.recipients);
    apply(set_file_bytes{change.number, change.file_bytes});
}

void mail_index::apply(const set_file_bytes& change) {
    kept_statement update(*this, "UPDATE mails SET file_bytes = ? WHERE number = ?");
    binder bind(update);
    bind(static_cast<int64_t>(change.file_bytes), change.number);
    update->exec();
}

// `position` is of the last one before them, -1: none.
void mail_index::insert_recipients(int64_t number, int64_t position,
                                   const std::vector<std::string>& recipients) {
    kept_statement insert(*this, "INSERT INTO recipients VALUES (?, ?, ?)");
    for (const auto& each : recipients) {
        binder bind(insert);
        bind(number, ++position, each);
        insert->exec();
        insert->reset();
    }
}

void mail_index::apply(const set_release& change) {
    kept_statement update(*this,
                          "UPDATE mails SET state = ?, bound_queue_id = ?, release_error = ?, "
                          "settled_at_ms = ? WHERE number = ?");
    binder bind(update);
    bind(change.after.state, change.after.bound, change.after.error,
         is_shown(change.after.state) ? int64_t{0} : change.now_ms, change.number);
    update->exec();
}

void mail_index::apply(const put_order& change) {
    kept_statement put(*this, "INSERT OR REPLACE INTO releases VALUES (?, ?, ?, ?, ?)");
    const release_order& order = change.order;
    binder bind(put);
    bind(change.number, change.account, order.at_ms,
         int64_t{order.who.role == caller_role::account ? 1 : 0}, encode(order));
    put->exec();
}

void mail_index::apply(const uncount_release& change) {
    kept_statement update(*this, "UPDATE releases SET counts = 0 WHERE mail = ?");
    update->bind(1, change.number);
    update->exec();
}

void mail_index::apply(const add_action& change) {
    kept_statement insert(*this, "INSERT INTO actions (action) VALUES (?)");
    insert->bind(1, encode(change.action));
    insert->exec();
}

mail_row mail_index::read_row(SQLite::Statement& statement) {
    column_reader read(statement);
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

// Without recipients.
std::vector<mail_row> mail_index::read_short_rows(SQLite::Statement& statement) {
    std::vector<mail_row> rows;
    while (statement.executeStep()) rows.push_back(read_row(statement));
    return rows;
}

std::vector<mail_row> mail_index::read_rows(SQLite::Statement& statement) {
    auto rows = read_short_rows(statement);
    kept_statement query(*this, "SELECT address FROM recipients WHERE mail = ? ORDER BY position");
    for (auto& row : rows) {
        query->bind(1, row.number);
        while (query->executeStep()) row.recipients.push_back(query->getColumn(0).getString());
        query->reset();
    }
    return rows;
}

outcome<std::optional<mail_row>> mail_index::find(const mail_id& id) {
    return guarded([&]() -> std::optional<mail_row> {
        kept_statement query(*this, rows_where("id = ?"));
        query->bind(1, id.value);
        auto rows = read_rows(query);
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

outcome<std::vector<mail_row>> mail_index::find_by_ticket(const mail_id& ticket) {
    return guarded([&] {
        kept_statement query(*this,
                             rows_where("(id = ?1 AND ticket_id = id) OR "
                                        "(ticket_id = ?1 AND ticket_id != id) ORDER BY number"));
        query->bind(1, ticket.value);
        return read_rows(query);
    });
}

outcome<std::vector<mail_row>> mail_index::select(const mail_query& query, uint32_t limit,
                                                  uint32_t offset) {
    auto where = sql_of(query);
    if (!where) return where.failure();
    where->values.emplace_back(static_cast<int64_t>(limit));
    where->values.emplace_back(static_cast<int64_t>(offset));
    return guarded([&] {
        SQLite::Statement page(
            *at_->database,
            rows_where(where->text +
                       " ORDER BY received_at_ms DESC, number DESC LIMIT ? OFFSET ?"));
        bind_condition(page, *where);
        return read_rows(page);
    });
}

outcome<uint64_t> mail_index::count(const mail_query& query) {
    const auto where = sql_of(query);
    if (!where) return where.failure();
    return guarded([&] {
        SQLite::Statement counter(*at_->database,
                                  "SELECT COUNT(*) FROM mails WHERE " + where->text);
        bind_condition(counter, *where);
        counter.executeStep();
        return static_cast<uint64_t>(counter.getColumn(0).getInt64());
    });
}

outcome<std::vector<mail_id>> mail_index::releasing() {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                "SELECT id FROM mails WHERE state = 1 ORDER BY number");
        std::vector<mail_id> ids;
        while (query.executeStep()) ids.emplace_back(query.getColumn(0).getString());
        return ids;
    });
}

outcome<std::vector<mail_row>> mail_index::rows_after(int64_t number, uint32_t limit) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                "SELECT number, account, script, sender, subject, script_raw, "
                                "reasons, received_at_ms, state FROM mails "
                                "WHERE number > ? AND state < 2 ORDER BY number LIMIT ?");
        binder bind(query);
        bind(number, static_cast<int64_t>(limit));
        std::vector<mail_row> rows;
        while (query.executeStep()) {
            column_reader read(query);
            mail_row& row = rows.emplace_back();
            row.number = read.number();
            row.ticket.owner.account.value = read.text();
            row.ticket.owner.script = read.text();
            row.ticket.sender = read.text();
            row.subject = read.text();
            row.script_header.raw = read.text();
            row.ticket.reasons = reasons_of(static_cast<uint32_t>(read.number()));
            row.ticket.received_at_ms = read.number();
            row.release.state = read.enumerated<mail_state>();
        }
        read_recipients(rows);
        return rows;
    });
}

// Of rows in the order of their numbers, at one go.
void mail_index::read_recipients(std::vector<mail_row>& rows) {
    if (rows.empty()) return;
    SQLite::Statement query(*at_->database,
                            "SELECT mail, address FROM recipients WHERE mail BETWEEN ? AND ? "
                            "ORDER BY mail, position");
    binder bind(query);
    bind(rows.front().number, rows.back().number);
    auto row = rows.begin();
    while (query.executeStep()) {
        const int64_t mail = query.getColumn(0).getInt64();
        while (row->number < mail) ++row;
        if (row->number == mail) row->recipients.push_back(query.getColumn(1).getString());
    }
}

outcome<std::vector<mail_row>> mail_index::rows_of(const std::vector<int64_t>& numbers) {
    return guarded([&] {
        SQLite::Statement query(*at_->database, rows_where("number = ?"));
        std::vector<mail_row> rows;
        for (const int64_t number : numbers) {
            query.bind(1, number);
            auto found = read_rows(query);
            if (!found.empty()) rows.push_back(std::move(found.front()));
            query.reset();
        }
        return rows;
    });
}

outcome<std::vector<known_mail>> mail_index::ids_in(const std::string& prefix) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
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

outcome<std::vector<mail_row>> mail_index::oldest_of(const account_name& account, uint32_t limit) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                rows_where("state < 2 AND state = 0 AND account = ? "
                                           "ORDER BY received_at_ms, number LIMIT ?"));
        binder bind(query);
        bind(account, static_cast<int64_t>(limit));
        return read_short_rows(query);
    });
}

outcome<std::vector<mail_row>> mail_index::received_before(int64_t time_ms, uint32_t limit) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                rows_where("state < 2 AND state = 0 AND received_at_ms < ? "
                                           "ORDER BY received_at_ms LIMIT ?"));
        binder bind(query);
        bind(time_ms, static_cast<int64_t>(limit));
        return read_short_rows(query);
    });
}

// The log goes into the database and is cut. A part of it that the disk has refused would end it
// after a power cut, and what was committed durably behind that part would be gone as well.
outcome<nothing> mail_index::write_anew() {
    if (fault_.fails("log", path_)) {
        return fail(error_code::storage_failed, path_ + ": " + errno_text(errno));
    }
    return guarded([&] {
        at_->database->exec("PRAGMA wal_checkpoint(TRUNCATE)");
        refused_ = false;
        return nothing{};
    });
}

outcome<uint32_t> mail_index::forget_settled(int64_t before_ms, uint32_t limit) {
    return guarded([&] {
        SQLite::Statement remove(*at_->database,
                                 "DELETE FROM mails WHERE number IN (SELECT number FROM mails "
                                 "WHERE state > 1 AND settled_at_ms < ? LIMIT ?)");
        binder bind(remove);
        bind(before_ms, static_cast<int64_t>(limit));
        return static_cast<uint32_t>(remove.exec());
    });
}

}  // namespace ie
