#include "actors/statistics/statistics_store.hpp"

#include <algorithm>

#include "actors/database_file.hpp"
#include "actors/statistics/calendar.hpp"
#include "actors/statistics/statistics_schema.hpp"
#include "actors/statistics/stored_objects.hpp"
#include "config/log.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr uint32_t forgotten_at_least = 16;  // one in so many, or none: each block is written anew
constexpr const char* pragmas =
    "PRAGMA journal_size_limit = 16777216;"  // bytes that the WAL keeps after a large write
    "PRAGMA cache_size = -8192;";            // KB

// last_holds.limits.
struct stored_limits {
    std::vector<limit_hit> items;

    static constexpr auto fields() { return std::tuple{field{"items", &stored_limits::items}}; }
};

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
    state(const std::string& file, opened_database found, const keep_times& kept)
        : path(file),
          set_aside(std::move(found.set_aside)),
          damage(std::move(found.damage)),
          guard(file, std::move(found.database)),
          database(*guard),
          keep(kept),
          blocks(database) {}

    std::string path;
    std::string set_aside;
    std::string damage;
    database_guard guard;
    SQLite::Database& database;
    keep_times keep;
    block_tables blocks;
    uint32_t saved_objects = 0;
    int64_t dropped_on_day = 0;  // what is too old of incoming mail; 0: not yet
};

statistics_store::statistics_store(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
statistics_store::~statistics_store() = default;

outcome<std::unique_ptr<statistics_store>> statistics_store::open(const std::string& path,
                                                                  const keep_times& keep) {
    const auto look = [](SQLite::Database& database) { (void)block_tables(database); };
    auto opened = open_database(path, {statistics_schema(), pragmas, look});
    if (!opened) return opened.failure();
    try {
        auto made = std::make_unique<state>(path, std::move(*opened), keep);
        return std::unique_ptr<statistics_store>(new statistics_store(std::move(made)));
    } catch (const SQLite::Exception& failure) {
        return database_error(path, failure);
    }
}

bool statistics_store::is_damaged() const {
    return state_->guard.is_damaged();
}
const std::string& statistics_store::set_aside() const {
    return state_->set_aside;
}
const std::string& statistics_store::damage() const {
    return state_->damage;
}

template <class Work>
auto statistics_store::guarded(Work&& work) -> outcome<decltype(work())> {
    return state_->guard.guarded(std::forward<Work>(work));
}

outcome<object_names> statistics_store::read_objects(const object_bounds& bounds) {
    auto objects = read_all_objects(bounds);
    if (!objects || !objects->crowded()) return objects;
    return forget_idle(*objects);
}

outcome<object_names> statistics_store::read_all_objects(const object_bounds& bounds) {
    object_names objects(bounds);
    const auto in_order = guarded([&] { return select_objects(state_->database, objects); });
    if (!in_order) return in_order.failure();
    if (!*in_order) {
        return state_->guard.damaged("table objects is damaged after " +
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
        state_->blocks.mark_objects(seen);
        renumbered_objects kept = without_idle(objects, seen);
        if (kept.forgotten < objects.size() / forgotten_at_least) return objects;
        state_->blocks.renumber(kept.numbers);
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
    block_tables& blocks = state_->blocks;
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
        for (const block_range& range : cover.ranges) state_->blocks.read(range, visit);
        return nothing{};
    });
}

const all_marks& statistics_store::marks() const {
    return state_->blocks.marks();
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
    return state_->blocks.damaged();
}

}  // namespace ie
