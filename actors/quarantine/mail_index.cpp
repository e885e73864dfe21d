#include "actors/quarantine/mail_index.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "actors/quarantine/mail_schema.hpp"
#include "messages/text.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr int busy_timeout_ms = 5'000;

constexpr const char* row_columns =
    "SELECT number, id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits FROM mails ";

std::string rows_where(std::string_view condition) {
    return std::string(row_columns).append("WHERE ").append(condition);
}

constexpr const char* insert_mail =
    "INSERT INTO mails (id, ticket_id, account, domain, sender_address, script, sender, subject, "
    "script_raw, script_domain, script_path, reasons, score, judged_by, originator_uid, "
    "authenticated_id, client_address, queue_id, received_at_ms, held_at_ms, size_bytes, state, "
    "bound_queue_id, release_error, limits, settled_at_ms) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)";

// What mails.limits holds.
struct limit_hits {
    std::vector<limit_hit> items;

    static constexpr auto fields() { return std::tuple{field{"items", &limit_hits::items}}; }
};

std::string packed(const std::vector<limit_hit>& limits) {
    return limits.empty() ? std::string{} : encode(limit_hits{limits});
}

// What can't be read is left out: it only explains.
std::vector<limit_hit> unpacked(const std::string& bytes) {
    if (bytes.empty()) return {};
    auto hits = decode<limit_hits>(bytes);
    return hits ? std::move(hits->items) : std::vector<limit_hit>{};
}

// Binds to the places of a statement one after the other.
class binder {
  public:
    explicit binder(SQLite::Statement& statement) : statement_(statement) {}

    void add(const std::string& text) { statement_.bind(++place_, text); }
    void add(double number) { statement_.bind(++place_, number); }
    void add(int64_t number) { statement_.bind(++place_, number); }
    template <class Tag>
    void add(const text_id<Tag>& id) {
        add(id.value);
    }
    template <named_enum T>
    void add(T value) {
        add(static_cast<int64_t>(value));
    }
    template <class... Ts>
    void operator()(const Ts&... values) {
        (add(values), ...);
    }

  private:
    SQLite::Statement& statement_;
    int place_ = 0;
};

void bind_condition(SQLite::Statement& statement, const sql_condition& where) {
    binder bind(statement);
    for (const auto& value : where.values) std::visit(bind, value);
}

// Reads the columns of a row one after the other.
class column_reader {
  public:
    explicit column_reader(SQLite::Statement& row) : row_(row) {}

    int64_t number() { return row_.getColumn(column_++).getInt64(); }
    double real() { return row_.getColumn(column_++).getDouble(); }
    std::string text() { return row_.getColumn(column_++).getString(); }
    template <class T>
    T enumerated() {
        return static_cast<T>(number());
    }

  private:
    SQLite::Statement& row_;
    int column_ = 0;
};

// SQLite's own words, and the system's where it has any.
error database_error(const std::string& path, const SQLite::Exception& failure) {
    const int code = failure.getExtendedErrorCode();
    return fail(error_code::storage_failed,
                path + ": " + failure.what() + " (SQLite error " + std::to_string(code) + ")");
}

void bring_up_to_date(SQLite::Database& database, size_t version) {
    for (size_t step = version; step < schema_steps.size(); ++step) {
        SQLite::Transaction transaction(database);
        database.exec(schema_steps[step]);
        database.exec("PRAGMA user_version = " + std::to_string(step + 1));
        transaction.commit();
    }
}

}  // namespace

template <class Work>
auto mail_index::guarded(Work&& work) -> outcome<decltype(work())> {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return database_error(path_, failure);
    }
}

mail_index::mail_index(std::string path, std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}
mail_index::mail_index(mail_index&&) noexcept = default;
mail_index& mail_index::operator=(mail_index&&) noexcept = default;
mail_index::~mail_index() = default;

outcome<mail_index> mail_index::open(const std::string& path, fault_point fault) {
    try {
        auto database = std::make_unique<SQLite::Database>(
            path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms);
        database->exec("PRAGMA journal_mode = WAL");
        database->exec("PRAGMA synchronous = FULL");
        database->exec("PRAGMA foreign_keys = ON");
        const auto version = database->execAndGet("PRAGMA user_version").getInt64();
        if (version < 0 || static_cast<size_t>(version) > schema_steps.size()) {
            return fail(error_code::storage_failed,
                        path + ": its schema is version " + std::to_string(version) +
                            ", this engine knows up to " + std::to_string(schema_steps.size()));
        }
        bring_up_to_date(*database, static_cast<size_t>(version));
        mail_index index(path, std::move(database));
        index.read_total();
        index.fault_ = std::move(fault);
        index.is_new_ = version == 0;
        return index;
    } catch (const SQLite::Exception& failure) {
        return database_error(path, failure);
    }
}

void mail_index::read_total() {
    SQLite::Statement query(*database_,
                            "SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM mails "
                            "WHERE state < 2");
    query.executeStep();
    total_ = {static_cast<uint64_t>(query.getColumn(0).getInt64()),
              static_cast<uint64_t>(query.getColumn(1).getInt64())};
}

outcome<nothing> mail_index::commit(const std::vector<index_change>& changes) {
    if (const int code = fault_ ? fault_("commit") : 0; code != 0) {
        return fail(error_code::storage_failed, path_ + ": " + errno_text(code));
    }
    const held_total before = total_;
    auto result = guarded([&] {
        SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
        for (const auto& each : changes) {
            std::visit([&](const auto& change) { apply(change); }, each);
        }
        transaction.commit();
        return nothing{};
    });
    if (!result) total_ = before;
    return result;
}

void mail_index::apply(const add_mail& change) {
    const mail_row& row = change.row;
    const hold_ticket& ticket = row.ticket;
    SQLite::Statement insert(*database_, insert_mail);
    binder bind(insert);
    bind(row.id, ticket.id, ticket.owner.account, ticket.owner.domain, ticket.owner.sender_address,
         ticket.owner.script, ticket.sender, row.subject, row.script_header.raw,
         row.script_header.domain, row.script_header.path, int64_t{bits_of(ticket.reasons)},
         ticket.score, ticket.judged_by, static_cast<int64_t>(ticket.originator_uid),
         ticket.authenticated_id, ticket.client_address, row.queue_id, ticket.received_at_ms,
         row.held_at_ms, static_cast<int64_t>(row.size_bytes), row.release.state, row.release.bound,
         row.release.error, packed(ticket.limits));
    insert.exec();
    insert_recipients(database_->getLastInsertRowid(), row.recipients);
    ++total_.mails;
    total_.bytes += row.size_bytes;
}

void mail_index::apply(const add_recipients& change) {
    insert_recipients(change.number, change.recipients);
}

void mail_index::insert_recipients(int64_t number, const std::vector<std::string>& recipients) {
    SQLite::Statement last(*database_,
                           "SELECT COALESCE(MAX(position), -1) FROM recipients WHERE mail = ?");
    last.bind(1, number);
    last.executeStep();
    int64_t position = last.getColumn(0).getInt64();
    SQLite::Statement insert(*database_, "INSERT INTO recipients VALUES (?, ?, ?)");
    for (const auto& each : recipients) {
        binder bind(insert);
        bind(number, ++position, each);
        insert.exec();
        insert.reset();
    }
}

void mail_index::apply(const set_release& change) {
    SQLite::Statement update(*database_,
                             "UPDATE mails SET state = ?, bound_queue_id = ?, release_error = ?, "
                             "settled_at_ms = ? WHERE number = ?");
    const bool shown = is_shown(change.after.state);
    binder bind(update);
    bind(change.after.state, change.after.bound, change.after.error,
         shown ? int64_t{0} : change.now_ms, change.number);
    update.exec();
    if (!is_shown(change.before) || shown) return;
    --total_.mails;
    total_.bytes -= change.size_bytes;
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
    row.ticket.limits = unpacked(read.text());
    return row;
}

std::vector<mail_row> mail_index::read_rows(SQLite::Statement& statement) {
    std::vector<mail_row> rows;
    while (statement.executeStep()) rows.push_back(read_row(statement));
    SQLite::Statement query(*database_,
                            "SELECT address FROM recipients WHERE mail = ? ORDER BY position");
    for (auto& row : rows) {
        query.bind(1, row.number);
        while (query.executeStep()) row.recipients.push_back(query.getColumn(0).getString());
        query.reset();
    }
    return rows;
}

outcome<std::optional<mail_row>> mail_index::find(const mail_id& id) {
    return guarded([&]() -> std::optional<mail_row> {
        SQLite::Statement query(*database_, rows_where("id = ?"));
        query.bind(1, id.value);
        auto rows = read_rows(query);
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

outcome<std::vector<mail_row>> mail_index::find_by_ticket(const mail_id& ticket) {
    return guarded([&] {
        SQLite::Statement query(*database_, rows_where("ticket_id = ? ORDER BY number"));
        query.bind(1, ticket.value);
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
            *database_, rows_where(where->text +
                                   " ORDER BY received_at_ms DESC, number DESC LIMIT ? OFFSET ?"));
        bind_condition(page, *where);
        return read_rows(page);
    });
}

outcome<std::vector<mail_id>> mail_index::select_ids(const mail_query& query, uint32_t limit) {
    auto where = sql_of(query);
    if (!where) return where.failure();
    where->values.emplace_back(static_cast<int64_t>(limit));
    return guarded([&] {
        SQLite::Statement page(*database_, "SELECT id FROM mails WHERE " + where->text +
                                               " ORDER BY received_at_ms DESC, number DESC "
                                               "LIMIT ?");
        bind_condition(page, *where);
        std::vector<mail_id> ids;
        while (page.executeStep()) ids.emplace_back(page.getColumn(0).getString());
        return ids;
    });
}

outcome<uint64_t> mail_index::count(const mail_query& query) {
    const auto where = sql_of(query);
    if (!where) return where.failure();
    return guarded([&] {
        SQLite::Statement counter(*database_, "SELECT COUNT(*) FROM mails WHERE " + where->text);
        bind_condition(counter, *where);
        counter.executeStep();
        return static_cast<uint64_t>(counter.getColumn(0).getInt64());
    });
}

outcome<std::vector<mail_id>> mail_index::releasing() {
    return guarded([&] {
        SQLite::Statement query(*database_, "SELECT id FROM mails WHERE state = 1 ORDER BY number");
        std::vector<mail_id> ids;
        while (query.executeStep()) ids.emplace_back(query.getColumn(0).getString());
        return ids;
    });
}

outcome<std::vector<std::pair<mail_id, mail_state>>> mail_index::ids_in(const std::string& prefix) {
    return guarded([&] {
        SQLite::Statement query(*database_,
                                "SELECT id, state FROM mails WHERE id >= ? AND id < ? || '~'");
        binder bind(query);
        bind(prefix, prefix);
        std::vector<std::pair<mail_id, mail_state>> ids;
        while (query.executeStep()) {
            column_reader read(query);
            mail_id id{read.text()};
            ids.emplace_back(std::move(id), read.enumerated<mail_state>());
        }
        return ids;
    });
}

outcome<uint32_t> mail_index::forget_settled(int64_t before_ms, uint32_t limit) {
    return guarded([&] {
        SQLite::Statement remove(*database_,
                                 "DELETE FROM mails WHERE number IN (SELECT number FROM mails "
                                 "WHERE state > 1 AND settled_at_ms < ? LIMIT ?)");
        binder bind(remove);
        bind(before_ms, static_cast<int64_t>(limit));
        return static_cast<uint32_t>(remove.exec());
    });
}

}  // namespace ie
