#include "actors/statistics/statistics_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "actors/statistics/calendar.hpp"
#include "actors/statistics/statistics_schema.hpp"
#include "config/log.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr int busy_timeout_ms = 5'000;
constexpr uint32_t forgotten_at_least = 16;  // one in so many, or none: each block is written anew
constexpr const char* pragmas =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 16777216;"  // bytes that the WAL keeps after a large write
    "PRAGMA cache_size = -8192;";            // KB

// last_holds.limits.
struct stored_limits {
    std::vector<limit_hit> items;

    static constexpr auto fields() { return std::tuple{field{"items", &stored_limits::items}}; }
};

void bind_bytes(SQLite::Statement& statement, int place, std::string_view bytes) {
    // (A null pointer would be bound as NULL.)
    statement.bindNoCopy(place, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()));
}

std::string key_bytes(const object_key& key) {
    std::string bytes;
    for (const uint64_t half : {key.high, key.low}) {
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(half >> shift);
    }
    return bytes;
}

object_key key_of(std::string_view bytes) {
    object_key key;
    if (bytes.size() != 16) return key;
    for (size_t i = 0; i < 16; ++i) {
        uint64_t& half = i < 8 ? key.high : key.low;
        half = half << 8 | static_cast<uint8_t>(bytes[i]);
    }
    return key;
}

void insert_objects(SQLite::Database& database, const object_names& objects, uint32_t saved) {
    SQLite::Statement insert(database, "INSERT INTO objects VALUES (?, ?, ?, ?, ?)");
    for (uint32_t number = saved + 1; number <= objects.size(); ++number) {
        const sender_object object = objects[number];
        const std::string key = key_bytes(object.key);
        insert.bind(1, static_cast<int64_t>(number));
        bind_bytes(insert, 2, key);
        insert.bind(3, static_cast<int>(object.kind));
        insert.bind(4, static_cast<int64_t>(object.parent));
        bind_bytes(insert, 5, object.name);
        insert.exec();
        insert.reset();
    }
}

// False where it can't stand there: a damaged file.
bool add_object(object_names& objects, SQLite::Statement& row) {
    const int64_t kind = row.getColumn(2).getInt64();
    const int64_t parent = row.getColumn(3).getInt64();
    if (kind < 0 || kind >= static_cast<int64_t>(sender_kinds)) return false;
    if (parent < 0 || parent > objects.size()) return false;
    const std::string key = row.getColumn(1).getString();
    const std::string name = row.getColumn(4).getString();
    return objects.add({key_of(key), static_cast<sender_kind>(kind), static_cast<uint32_t>(parent),
                        name}) == row.getColumn(0).getInt64();
}

// In ascending order: a new number is never above the old one, so none is taken when it is given.
void renumber_last_holds(SQLite::Database& database, const std::vector<uint32_t>& numbers) {
    std::vector<int64_t> accounts;
    SQLite::Statement select(database, "SELECT account FROM last_holds ORDER BY account");
    while (select.executeStep()) accounts.push_back(select.getColumn(0).getInt64());
    select.reset();
    SQLite::Statement remove(database, "DELETE FROM last_holds WHERE account = ?");
    SQLite::Statement update(database, "UPDATE last_holds SET account = ? WHERE account = ?");
    for (const int64_t account : accounts) {
        const auto place = static_cast<size_t>(account);
        const uint32_t number = place < numbers.size() ? numbers[place] : 0;
        SQLite::Statement& change = number == 0 ? remove : update;
        if (number != 0) change.bind(1, static_cast<int64_t>(number));
        change.bind(number == 0 ? 1 : 2, account);
        change.exec();
        change.reset();
    }
}

struct renumbered_objects {
    object_names objects;
    std::vector<uint32_t> numbers;  // by the old ones; 0: forgotten
    uint32_t forgotten = 0;
};

// Those that are marked, and what is above them.
renumbered_objects without_idle(const object_names& objects, std::vector<bool>& seen) {
    for (uint32_t number = objects.size(); number > 0; --number) {
        if (seen[number]) seen[objects[number].parent] = true;
    }
    renumbered_objects kept;
    kept.objects = object_names(objects.bounds());
    kept.numbers.assign(objects.size() + 1, 0);
    for (uint32_t number = 1; number <= objects.size(); ++number) {
        if (!seen[number]) continue;
        sender_object object = objects[number];
        object.parent = kept.numbers[object.parent];
        kept.numbers[number] = kept.objects.add(object);
    }
    kept.forgotten = objects.size() - kept.objects.size();
    return kept;
}

void add_daily(SQLite::Database& database, const pending_counts& pending) {
    SQLite::Statement insert(
        database,
        "INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (day, direction, action, reasons) DO UPDATE SET"
        " messages = messages + excluded.messages, recipients = recipients + excluded.recipients,"
        " size_bytes = size_bytes + excluded.size_bytes");
    for (const auto& [key, sums] : pending.daily()) {
        insert.bind(1, key.day);
        insert.bind(2, static_cast<int>(key.direction));
        insert.bind(3, static_cast<int>(key.action));
        insert.bind(4, static_cast<int64_t>(key.reasons));
        insert.bind(5, static_cast<int64_t>(sums.messages));
        insert.bind(6, static_cast<int64_t>(sums.recipients));
        insert.bind(7, static_cast<int64_t>(sums.size_bytes));
        insert.exec();
        insert.reset();
    }
}

void put_last_holds(SQLite::Database& database, const pending_counts& pending) {
    SQLite::Statement insert(database,
                             "INSERT INTO last_holds VALUES (?, ?, ?, ?, ?)"
                             " ON CONFLICT (account) DO UPDATE SET at = excluded.at,"
                             " reasons = excluded.reasons, sender = excluded.sender,"
                             " limits = excluded.limits WHERE excluded.at >= at");
    for (const auto& [account, hold] : pending.last_holds()) {
        const std::string limits = encode(stored_limits{hold.limits});
        insert.bind(1, static_cast<int64_t>(account));
        insert.bind(2, hold.held_at_s);
        insert.bind(3, static_cast<int64_t>(bits_of(hold.reasons)));
        bind_bytes(insert, 4, hold.sender);
        bind_bytes(insert, 5, limits);
        insert.exec();
        insert.reset();
    }
}

uint64_t& count_of(decision_counts& counts, verdict_action action) {
    switch (action) {
        case verdict_action::accept:
        case verdict_action::junk:  // is delivered
            return counts.accepted;
        case verdict_action::hold:
            return counts.held;
        case verdict_action::defer:
            return counts.deferred;
        case verdict_action::refuse:
            break;
    }
    return counts.refused;
}

}  // namespace

struct statistics_store::state {
    state(const std::string& file, const keep_times& kept)
        : path(file),
          database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms),
          keep(kept) {}

    std::string path;
    SQLite::Database database;
    keep_times keep;
    std::optional<block_tables> blocks;
    uint32_t saved_objects = 0;
    int64_t dropped_on_day = 0;  // what is too old of incoming mail; 0: not yet
};

statistics_store::statistics_store(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
statistics_store::~statistics_store() = default;

outcome<std::unique_ptr<statistics_store>> statistics_store::open(const std::string& path,
                                                                  const keep_times& keep) {
    try {
        auto opened = std::make_unique<state>(path, keep);
        opened->database.exec(pragmas);
        const auto ready = make_tables(opened->database, path);
        if (!ready) return ready.failure();
        opened->blocks.emplace(opened->database);
        return std::unique_ptr<statistics_store>(new statistics_store(std::move(opened)));
    } catch (const SQLite::Exception& failure) {
        return database_error(path, failure);
    }
}

template <class Work>
auto statistics_store::guarded(Work&& work) -> outcome<decltype(work())> {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return database_error(state_->path, failure);
    }
}

outcome<object_names> statistics_store::read_objects(const object_bounds& bounds) {
    auto objects = read_all_objects(bounds);
    if (!objects || !objects->crowded()) return objects;
    return forget_idle(*objects);
}

outcome<object_names> statistics_store::read_all_objects(const object_bounds& bounds) {
    object_names objects(bounds);
    const auto in_order = guarded([&] {
        SQLite::Statement select(
            state_->database,
            "SELECT number, key, kind, parent, name FROM objects ORDER BY number");
        while (select.executeStep()) {
            if (!add_object(objects, select)) return false;
        }
        return true;
    });
    if (!in_order) return in_order.failure();
    if (!*in_order) {
        return fail(error_code::storage_failed, state_->path + ": table objects is damaged after " +
                                                    std::to_string(objects.size()) + " rows");
    }
    state_->saved_objects = objects.size();
    return objects;
}

// The order stays, so that blocks stay in order and parents before their children.
outcome<object_names> statistics_store::forget_idle(const object_names& objects) {
    ensure(objects.size() == state_->saved_objects, "statistics: objects that aren't written yet");
    return guarded([&] {
        SQLite::Transaction transaction(state_->database, SQLite::TransactionBehavior::IMMEDIATE);
        std::vector<bool> seen(objects.size() + 1, false);
        state_->blocks->mark_objects(seen);
        renumbered_objects kept = without_idle(objects, seen);
        if (kept.forgotten < objects.size() / forgotten_at_least) return objects;
        state_->blocks->renumber(kept.numbers);
        renumber_last_holds(state_->database, kept.numbers);
        state_->database.exec("DELETE FROM objects");
        insert_objects(state_->database, kept.objects, 0);
        transaction.commit();
        state_->saved_objects = kept.objects.size();
        return std::move(kept.objects);
    });
}

outcome<nothing> statistics_store::write(pending_counts& pending, const object_names& objects,
                                         int64_t now_s, const incoming_counts& incoming) {
    block_tables& blocks = *state_->blocks;
    const all_marks before = blocks.marks();
    const int64_t today = calendar_day(now_s);
    auto written = guarded([&] {
        SQLite::Transaction transaction(state_->database, SQLite::TransactionBehavior::IMMEDIATE);
        insert_objects(state_->database, objects, state_->saved_objects);
        add_daily(state_->database, pending);
        put_last_holds(state_->database, pending);
        add_incoming(state_->database, incoming);
        if (today != state_->dropped_on_day) {  // it goes through the whole table
            drop_incoming(state_->database, today - state_->keep.back() / 86'400);
        }
        blocks.add(pending.sorted_rows());
        blocks.roll_up(now_s);
        blocks.drop_old(now_s, state_->keep);
        if (blocks.marks() != before) blocks.save_marks();
        transaction.commit();
        return nothing{};
    });
    if (!written) {
        blocks.set_marks(before);
        return written;
    }
    state_->saved_objects = objects.size();
    state_->dropped_on_day = today;
    return written;
}

outcome<std::map<int64_t, incoming_sums>> statistics_store::read_incoming(
    const std::string& account, int64_t from_day) {
    return guarded([&] { return ie::read_incoming(state_->database, account, from_day); });
}

outcome<nothing> statistics_store::read(const time_cover& cover,
                                        const std::function<void(const block_row&)>& visit) {
    return guarded([&] {
        for (const block_range& range : cover.ranges) state_->blocks->read(range, visit);
        return nothing{};
    });
}

const all_marks& statistics_store::marks() const {
    return state_->blocks->marks();
}

outcome<last_hold> statistics_store::read_last_hold(uint32_t account) {
    return guarded([&] {
        last_hold out;
        SQLite::Statement select(
            state_->database,
            "SELECT at, reasons, sender, limits FROM last_holds WHERE account = ?");
        select.bind(1, static_cast<int64_t>(account));
        if (!select.executeStep()) return out;
        out.held_at_s = select.getColumn(0).getInt64();
        out.reasons = reasons_of(static_cast<uint32_t>(select.getColumn(1).getInt64()));
        out.sender = select.getColumn(2).getString();
        if (auto limits = decode<stored_limits>(select.getColumn(3).getString())) {
            out.limits = std::move(limits->items);
        }
        return out;
    });
}

outcome<decision_counts> statistics_store::counts() {
    return guarded([&] {
        decision_counts out;
        SQLite::Statement select(state_->database,
                                 "SELECT action, SUM(messages) FROM daily GROUP BY action");
        while (select.executeStep()) {
            const auto action = static_cast<verdict_action>(select.getColumn(0).getInt());
            count_of(out, action) += static_cast<uint64_t>(select.getColumn(1).getInt64());
        }
        return out;
    });
}

uint64_t statistics_store::damaged_blocks() const {
    return state_->blocks->damaged();
}

}  // namespace ie
