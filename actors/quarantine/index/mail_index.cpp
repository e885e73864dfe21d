#include "actors/quarantine/index/mail_index.hpp"

#include <algorithm>
#include <thread>

#include "actors/quarantine/index/mail_index_parts.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"
#include "messages/wire.hpp"

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

constexpr const char* insert_mail =
    "INSERT INTO mails (id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits, file_bytes, attachment_findings, recipients, "
    "settled_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, 0)";

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

// A column of recipients: each with a line end, which no address has.
std::string lines_of(const std::vector<std::string>& recipients) {
    std::string lines;
    for (const auto& each : recipients) lines.append(each) += '\n';
    return lines;
}

std::vector<std::string> of_lines(std::string_view lines) {
    std::vector<std::string> recipients;
    for (size_t end = 0; (end = lines.find('\n')) != lines.npos; lines.remove_prefix(end + 1)) {
        recipients.emplace_back(lines.substr(0, end));
    }
    return recipients;
}

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

mail_index::mail_index(std::string path, std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)), at_(std::make_unique<connection>(connection{std::move(database)})) {}
mail_index::mail_index(mail_index&&) noexcept = default;
mail_index& mail_index::operator=(mail_index&&) noexcept = default;
mail_index::~mail_index() = default;

outcome<nothing> mail_index::faulty(std::string_view step) const {
    if (!fault_.fails(step, path_)) return nothing{};
    return fail(error_code::storage_failed, path_ + ": " + errno_text(errno));
}

outcome<nothing> mail_index::commit(const std::vector<index_change>& changes) {
    const bool are_new = std::all_of(changes.begin(), changes.end(), [](const index_change& each) {
        return std::holds_alternative<add_mail>(each);
    });
    for (const auto& each : changes) {
        if (have_line_ends(each)) {
            return fail(error_code::bad_request, "a recipient with a line end");
        }
    }
    if (refused_) {
        if (const auto written = write_anew(); !written) return written;
    }
    const auto done = guarded([&]() -> outcome<nothing> {
        at_->wait_for_disk(!are_new);
        SQLite::Transaction transaction(*at_->database, SQLite::TransactionBehavior::IMMEDIATE);
        for (const auto& each : changes) {
            std::visit([&](const auto& change) { apply(change); }, each);
        }
        if (auto step = faulty("commit"); !step) {
            refused_ = errno == EIO;
            return step;
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
         packed(ticket.attachment_findings), lines_of(row.recipients));
    insert->exec();
}

void mail_index::apply(const add_recipients& change) {
    kept_statement update(*this,
                          "UPDATE mails SET recipients = recipients || ?, file_bytes = ? "
                          "WHERE number = ?");
    binder bind(update);
    bind(lines_of(change.recipients), static_cast<int64_t>(change.file_bytes), change.number);
    update->exec();
}

void mail_index::apply(const set_file_bytes& change) {
    kept_statement update(*this, "UPDATE mails SET file_bytes = ? WHERE number = ?");
    binder bind(update);
    bind(static_cast<int64_t>(change.file_bytes), change.number);
    update->exec();
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

outcome<std::optional<mail_row>> mail_index::find(const mail_id& id) {
    return guarded([&] {
        kept_statement query(*this, rows_where("id = ?"));
        query->bind(1, id.value);
        return only_one(read_rows(query));
    });
}

outcome<std::optional<mail_row>> mail_index::find_short(const mail_id& id) {
    return guarded([&] {
        kept_statement query(*this, short_rows_where("id = ?"));
        query->bind(1, id.value);
        return only_one(read_short_rows(query));
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

std::optional<mail_row> mail_index::row_of(int64_t number) {
    kept_statement query(*this, rows_where("number = ?"));
    query->bind(1, number);
    return only_one(read_rows(query));
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
                                short_rows_where("state < 2 AND state = 0 AND account = ? "
                                                 "ORDER BY received_at_ms, number LIMIT ?"));
        binder bind(query);
        bind(account, static_cast<int64_t>(limit));
        return read_short_rows(query);
    });
}

outcome<std::vector<mail_row>> mail_index::received_before(int64_t time_ms, uint32_t limit) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                short_rows_where("state < 2 AND state = 0 AND received_at_ms < ? "
                                                 "ORDER BY received_at_ms LIMIT ?"));
        binder bind(query);
        bind(time_ms, static_cast<int64_t>(limit));
        return read_short_rows(query);
    });
}

// The log goes into the database and is cut. A part of it that the disk has refused would end it
// after a power cut, and what was committed durably behind that part would be gone as well.
outcome<nothing> mail_index::write_anew() {
    if (auto step = faulty("log"); !step) return step;
    constexpr int64_t wait_ms = 1'000;  // for a checkpoint of the reader's, which SQLite doesn't
    const int64_t until_ms = steady_now_ms() + wait_ms;
    for (;;) {
        const auto busy = guarded([&] {
            return at_->database->execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() != 0;
        });
        if (!busy) return busy.failure();
        if (!*busy) break;
        if (steady_now_ms() >= until_ms) {
            return fail(error_code::storage_failed, path_ + ": somebody reads it; try again");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    refused_ = false;
    return nothing{};
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
