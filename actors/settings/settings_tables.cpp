#include "actors/settings/settings_tables.hpp"

#include <algorithm>
#include <array>

#include "actors/database_file.hpp"
#include "actors/database_schema.hpp"

namespace ie {
namespace {

constexpr std::array<const char*, 4> schema_steps{R"(
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE limits (
        id TEXT PRIMARY KEY,
        kind INTEGER NOT NULL,
        account TEXT NOT NULL,
        name TEXT NOT NULL,
        messages INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE whitelist (
        number INTEGER PRIMARY KEY,  -- in order of adding
        list INTEGER NOT NULL,
        type TEXT NOT NULL,          -- address, domain
        value TEXT NOT NULL,
        any_submitter INTEGER NOT NULL,
        UNIQUE (list, value)
    );
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,  -- in order of writing
        at_s INTEGER NOT NULL,
        uid INTEGER NOT NULL,
        who TEXT NOT NULL COLLATE NOCASE,
        interface INTEGER NOT NULL,
        action TEXT NOT NULL,
        object TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        result TEXT NOT NULL
    );
    CREATE INDEX audit_who ON audit (who);
    CREATE INDEX audit_action ON audit (action);
    CREATE INDEX audit_at ON audit (at_s);
)",
                                                  R"(
    ALTER TABLE audit ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
    UPDATE audit SET refused = 1 WHERE object = '' AND result <> 'done';
    CREATE INDEX audit_refused ON audit (refused);
)",
                                                  R"(
    CREATE TABLE spaces (            -- of accounts with values of their own; -1: the default
        account TEXT PRIMARY KEY,
        limit_bytes INTEGER NOT NULL,
        releases_limit INTEGER NOT NULL,
        state INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE audit_sources (     -- who tells of what he has done, and how far he has told
        source TEXT PRIMARY KEY,
        last_number INTEGER NOT NULL
    ) WITHOUT ROWID;
)",
                                                  R"(
    CREATE TABLE incoming_opt_outs (account TEXT PRIMARY KEY) WITHOUT ROWID;  -- lower case
)"};

// How many records of each kind there are: changes, then refusals.
using trail_counts = std::array<int64_t, 2>;

trail_counts count_records(SQLite::Database& database) {
    trail_counts counts{};
    SQLite::Statement rows(database, "SELECT refused, COUNT(*) FROM audit GROUP BY refused");
    while (rows.executeStep()) {
        counts[rows.getColumn(0).getInt() == 0 ? 0 : 1] += rows.getColumn(1).getInt64();
    }
    return counts;
}

template <named_enum T>
T enum_of(int64_t number) {
    const bool known = number >= 0 && number < static_cast<int64_t>(enum_names(T{}).size());
    return known ? static_cast<T>(number) : T{};
}

// Binds the values to a statement's places, runs it and makes it ready for the next.
template <class... Ts>
void run(SQLite::Statement& statement, const Ts&... values) {
    int place = 0;
    (statement.bind(++place, values), ...);
    statement.exec();
    statement.reset();
}

void put_values(SQLite::Database& database, const decision_change& change) {
    SQLite::Statement put(database, "INSERT OR REPLACE INTO settings VALUES (?, ?)");
    for (const auto& each : change.values) run(put, each.key, each.value);
}

void put_limits(SQLite::Database& database, const decision_change& change) {
    SQLite::Statement put(database, "INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?, ?)");
    SQLite::Statement remove(database, "DELETE FROM limits WHERE id = ?");
    for (const auto& each : change.limits) {
        if (each.limit == change_limits::remove) {
            run(remove, each.id.value);
        } else {
            run(put, each.id.value, static_cast<int>(each.kind), each.account.value, each.object,
                each.limit);
        }
    }
}

void put_listings(SQLite::Database& database, const decision_change& change) {
    SQLite::Statement put(database, "INSERT OR REPLACE INTO whitelist VALUES (?, ?, ?, ?, ?)");
    SQLite::Statement remove(database, "DELETE FROM whitelist WHERE list = ? AND value = ?");
    for (const auto& each : change.listed) {
        run(put, each.number, static_cast<int>(each.list), each.is_domain() ? "domain" : "address",
            each.value, each.any_submitter ? 1 : 0);
    }
    for (const auto& each : change.unlisted) run(remove, static_cast<int>(each.list), each.value);
}

template <class T>
int64_t or_default(const std::optional<T>& value) {
    return value ? static_cast<int64_t>(*value) : -1;
}

template <class T>
std::optional<T> own_value(int64_t stored) {
    if (stored < 0) return std::nullopt;
    return static_cast<T>(stored);
}

void put_spaces(SQLite::Database& database, const decision_change& change) {
    SQLite::Statement put(database, "INSERT OR REPLACE INTO spaces VALUES (?, ?, ?, ?)");
    SQLite::Statement remove(database, "DELETE FROM spaces WHERE account = ?");
    for (const auto& each : change.spaces) {
        if (each.own.is_default()) {
            run(remove, each.account.value);
        } else {
            run(put, each.account.value, or_default(each.own.limit_bytes),
                or_default(each.own.releases_limit), static_cast<int>(each.own.state));
        }
    }
}

void put_incoming(SQLite::Database& database, const decision_change& change) {
    SQLite::Statement put(database, "INSERT OR REPLACE INTO incoming_opt_outs VALUES (?)");
    SQLite::Statement remove(database, "DELETE FROM incoming_opt_outs WHERE account = ?");
    for (const auto& each : change.incoming) run(each.on ? remove : put, each.account.value);
}

void put_source(SQLite::Database& database, const std::string& source, uint64_t number) {
    if (source.empty()) return;
    SQLite::Statement put(database, "INSERT OR REPLACE INTO audit_sources VALUES (?, ?)");
    run(put, source, static_cast<int64_t>(number));
}

void put_records(SQLite::Database& database, const std::vector<audit_record>& records,
                 bool refused) {
    SQLite::Statement put(database,
                          "INSERT INTO audit (at_s, uid, who, interface, action, object, before, "
                          "after, result, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const auto& each : records) {
        run(put, each.at_s, each.uid, each.who, static_cast<int>(each.by), each.action, each.object,
            each.before, each.after, each.result, refused ? 1 : 0);
    }
}

// Drops what is too many of the trail's oldest records, in steps that hold nobody up. Gives how
// many are left.
int64_t drop_old_records(SQLite::Database& database, bool refused, int64_t count, int64_t bound) {
    const int64_t too_many = std::min(count - bound, settings_tables::audit_dropped_max);
    if (too_many <= 0) return count;
    SQLite::Statement drop(database,
                           "DELETE FROM audit WHERE number IN (SELECT number FROM audit"
                           " WHERE refused = ? ORDER BY number LIMIT ?)");
    run(drop, refused ? 1 : 0, too_many);
    return count - too_many;
}

void read_values(SQLite::Database& database, admin_decisions& out) {
    SQLite::Statement rows(database, "SELECT name, value FROM settings");
    while (rows.executeStep()) {
        out.values[rows.getColumn(0).getString()] = rows.getColumn(1).getString();
    }
}

void read_limits(SQLite::Database& database, admin_decisions& out) {
    SQLite::Statement rows(database, "SELECT id, kind, account, name, messages FROM limits");
    while (rows.executeStep()) {
        individual_limit limit;
        limit.id.value = rows.getColumn(0).getString();
        limit.kind = enum_of<sender_kind>(rows.getColumn(1).getInt64());
        limit.account.value = rows.getColumn(2).getString();
        limit.object = rows.getColumn(3).getString();
        limit.limit = rows.getColumn(4).getInt64();
        out.limits[limit.id] = limit;
    }
}

void read_listings(SQLite::Database& database, admin_decisions& out) {
    SQLite::Statement rows(database, "SELECT list, value, any_submitter, number FROM whitelist");
    while (rows.executeStep()) {
        out.lists.put({enum_of<whitelist_kind>(rows.getColumn(0).getInt64()),
                       rows.getColumn(1).getString(), rows.getColumn(2).getInt() != 0,
                       rows.getColumn(3).getInt64()});
    }
}

void read_spaces(SQLite::Database& database, admin_decisions& out) {
    SQLite::Statement rows(database,
                           "SELECT account, limit_bytes, releases_limit, state FROM spaces");
    while (rows.executeStep()) {
        out.spaces[rows.getColumn(0).getString()] = {
            own_value<uint64_t>(rows.getColumn(1).getInt64()),
            own_value<uint32_t>(rows.getColumn(2).getInt64()),
            enum_of<space_state>(rows.getColumn(3).getInt64())};
    }
}

void read_incoming(SQLite::Database& database, admin_decisions& out) {
    SQLite::Statement rows(database, "SELECT account FROM incoming_opt_outs");
    while (rows.executeStep()) out.incoming_opt_outs.insert(rows.getColumn(0).getString());
}

void read_sources(SQLite::Database& database, admin_decisions& out) {
    SQLite::Statement rows(database, "SELECT source, last_number FROM audit_sources");
    while (rows.executeStep()) {
        out.audit_sources[rows.getColumn(0).getString()] =
            static_cast<uint64_t>(rows.getColumn(1).getInt64());
    }
}

// Only what is asked for is compared, so that an index serves it.
std::string matching(const list_audit& query) {
    std::string text = " FROM audit WHERE 1";
    if (query.since_s != 0) text += " AND at_s >= :since";
    if (!query.who.empty()) text += " AND who = :who";
    if (!query.action.empty()) text += " AND action = :action";
    return text;
}

void bind_filter(SQLite::Statement& statement, const list_audit& query) {
    if (query.since_s != 0) statement.bind(":since", query.since_s);
    if (!query.who.empty()) statement.bind(":who", query.who);
    if (!query.action.empty()) statement.bind(":action", query.action);
}

audit_record record_of(SQLite::Statement& row) {
    audit_record out;
    out.at_s = row.getColumn(0).getInt64();
    out.uid = static_cast<uint32_t>(row.getColumn(1).getInt64());
    out.who = row.getColumn(2).getString();
    out.by = enum_of<entrance>(row.getColumn(3).getInt64());
    out.action = row.getColumn(4).getString();
    out.object = row.getColumn(5).getString();
    out.before = row.getColumn(6).getString();
    out.after = row.getColumn(7).getString();
    out.result = row.getColumn(8).getString();
    return out;
}

}  // namespace

admin_decisions read_settings(SQLite::Database& database) {
    constexpr int with_spaces = 3;
    constexpr int with_incoming = 4;
    const int version = schema_version(database);
    admin_decisions out;
    read_values(database, out);
    read_limits(database, out);
    read_listings(database, out);
    if (version >= with_spaces) read_spaces(database, out);
    if (version >= with_spaces) read_sources(database, out);
    if (version >= with_incoming) read_incoming(database, out);
    return out;
}

bool is_settings_database(SQLite::Database& database) {
    const int version = schema_version(database);
    return version > 0 && static_cast<size_t>(version) <= schema_steps.size() &&
           database.tableExists("settings");
}

struct settings_tables::state {
    // Gives the counts as they are once it is committed.
    trail_counts put_trail(const decision_change& change) {
        put_records(database, change.trail, false);
        put_records(database, change.refusals, true);
        const auto changes = counts[0] + static_cast<int64_t>(change.trail.size());
        const auto refusals = counts[1] + static_cast<int64_t>(change.refusals.size());
        return {drop_old_records(database, false, changes, bounds.changes),
                drop_old_records(database, true, refusals, bounds.refusals)};
    }

    std::string set_aside;
    std::string damage;
    database_guard guard;
    audit_bounds bounds;
    trail_counts counts{};  // as the file has them
    SQLite::Database& database = *guard;
};

settings_tables::settings_tables(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
settings_tables::~settings_tables() = default;

outcome<std::unique_ptr<settings_tables>> settings_tables::open(const std::string& path,
                                                                const audit_bounds& bounds,
                                                                std::function<void()> put_back) {
    trail_counts counts{};
    const auto look = [&counts](SQLite::Database& database) {
        (void)read_settings(database);
        counts = count_records(database);
    };
    auto opened = open_database(path, {schema_steps, "", look, std::move(put_back)});
    if (!opened) return opened.failure();
    auto made = std::unique_ptr<state>(
        new state{std::move(opened->set_aside), std::move(opened->damage),
                  database_guard(path, std::move(opened->database)), bounds, counts});
    return std::unique_ptr<settings_tables>(new settings_tables(std::move(made)));
}

bool settings_tables::is_damaged() const {
    return state_->guard.is_damaged();
}
const std::string& settings_tables::set_aside() const {
    return state_->set_aside;
}
const std::string& settings_tables::damage() const {
    return state_->damage;
}

outcome<admin_decisions> settings_tables::read() const {
    return state_->guard.guarded([this] { return read_settings(state_->database); });
}

outcome<nothing> settings_tables::replace(const admin_decisions& content) {
    return state_->guard.guarded([&] {
        auto& database = state_->database;
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        database.exec(
            "DELETE FROM settings; DELETE FROM limits; DELETE FROM whitelist; DELETE FROM spaces;"
            "DELETE FROM incoming_opt_outs; DELETE FROM audit_sources");
        const decision_change change = change_to(content);
        put_values(database, change);
        put_limits(database, change);
        put_listings(database, change);
        put_spaces(database, change);
        put_incoming(database, change);
        for (const auto& [source, number] : content.audit_sources) {
            put_source(database, source, number);
        }
        transaction.commit();
        return nothing{};
    });
}

outcome<nothing> settings_tables::commit(const decision_change& change) {
    return state_->guard.guarded([&] {
        auto& database = state_->database;
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        put_values(database, change);
        put_limits(database, change);
        put_listings(database, change);
        put_spaces(database, change);
        put_incoming(database, change);
        put_source(database, change.source, change.source_number);
        const trail_counts counts = state_->put_trail(change);
        transaction.commit();
        state_->counts = counts;
        return nothing{};
    });
}

outcome<audit_list> settings_tables::find(const list_audit& query) const {
    return state_->guard.guarded([&] {
        audit_list out;
        SQLite::Statement count(state_->database, "SELECT COUNT(*)" + matching(query));
        bind_filter(count, query);
        count.executeStep();
        out.max_count = static_cast<uint64_t>(count.getColumn(0).getInt64());
        SQLite::Statement page(state_->database,
                               "SELECT at_s, uid, who, interface, action, object, before, after, "
                               "result" +
                                   matching(query) +
                                   " ORDER BY number DESC LIMIT :limit OFFSET :offset");
        bind_filter(page, query);
        page.bind(":limit", query.limit);
        page.bind(":offset", query.offset);
        while (page.executeStep()) out.items.push_back(record_of(page));
        return out;
    });
}

}  // namespace ie
