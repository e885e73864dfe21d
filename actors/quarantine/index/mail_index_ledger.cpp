// What of quarantine.db is about accounts and people: spaces, releases, and actions for the trail.
#include "actors/quarantine/index/mail_index_parts.hpp"
#include "messages/wire.hpp"

namespace ie {

outcome<held_total> mail_index::total() {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                "SELECT COALESCE(SUM(mails), 0), COALESCE(SUM(bytes), 0) "
                                "FROM spaces");
        query.executeStep();
        return held_total{static_cast<uint64_t>(query.getColumn(0).getInt64()),
                          static_cast<uint64_t>(query.getColumn(1).getInt64())};
    });
}

outcome<std::vector<used_space>> mail_index::spaces(const account_name& only) {
    return guarded([&] {
        SQLite::Statement query(
            *at_->database, std::string("SELECT account, mails, bytes FROM spaces ") +
                                (only.empty() ? "" : "WHERE account = ? ") + "ORDER BY account");
        if (!only.empty()) query.bind(1, only.value);
        std::vector<used_space> all;
        while (query.executeStep()) {
            column_reader read(query);
            used_space space;
            space.account.value = read.text();
            space.held.mails = static_cast<uint64_t>(read.number());
            space.held.bytes = static_cast<uint64_t>(read.number());
            all.push_back(std::move(space));
        }
        return all;
    });
}

outcome<std::map<std::string, uint64_t>> mail_index::deleted_since(int64_t time_ms) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                "SELECT lower(account), COUNT(*) FROM mails "
                                "WHERE state = 3 AND settled_at_ms > ? GROUP BY 1");
        query.bind(1, time_ms);
        std::map<std::string, uint64_t> counts;
        while (query.executeStep()) {
            counts[query.getColumn(0).getString()] =
                static_cast<uint64_t>(query.getColumn(1).getInt64());
        }
        return counts;
    });
}

outcome<uint64_t> mail_index::releases_since(const account_name& account, int64_t since_ms,
                                             int64_t now_ms) {
    return guarded([&] {
        SQLite::Statement correct(*at_->database,
                                  "UPDATE releases SET at_ms = ?1 "
                                  "WHERE account = ?2 AND counts = 1 AND at_ms > ?1");
        binder{correct}(now_ms, account);
        correct.exec();
        SQLite::Statement count(*at_->database,
                                "SELECT COUNT(*) FROM releases "
                                "WHERE account = ? AND counts = 1 AND at_ms > ?");
        binder{count}(account, since_ms);
        count.executeStep();
        return static_cast<uint64_t>(count.getColumn(0).getInt64());
    });
}

outcome<int64_t> mail_index::release_before(const account_name& account, uint64_t newer) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                "SELECT at_ms FROM releases WHERE account = ? AND counts = 1 "
                                "ORDER BY at_ms DESC LIMIT 1 OFFSET ?");
        binder{query}(account, static_cast<int64_t>(newer));
        return query.executeStep() ? query.getColumn(0).getInt64() : int64_t{0};
    });
}

outcome<std::optional<release_order>> mail_index::order_of(int64_t number) {
    return guarded([&]() -> std::optional<release_order> {
        SQLite::Statement query(*at_->database,
                                "SELECT release_order FROM releases WHERE mail = ?");
        query.bind(1, number);
        if (!query.executeStep()) return std::nullopt;
        auto order = decode<release_order>(query.getColumn(0).getString());
        if (!order) return std::nullopt;
        return std::move(*order);
    });
}

outcome<std::vector<audited_action>> mail_index::untold_actions(uint32_t limit) {
    return guarded([&] {
        SQLite::Statement query(*at_->database,
                                "SELECT number, action FROM actions ORDER BY number LIMIT ?");
        query.bind(1, limit);
        std::vector<audited_action> actions;
        while (query.executeStep()) {
            auto action = decode<audited_action>(query.getColumn(1).getString());
            if (!action) continue;  // ours, so it can be read
            action->number = static_cast<uint64_t>(query.getColumn(0).getInt64());
            actions.push_back(std::move(*action));
        }
        return actions;
    });
}

outcome<nothing> mail_index::forget_actions(uint64_t last_number) {
    return guarded([&] {
        SQLite::Statement remove(*at_->database, "DELETE FROM actions WHERE number <= ?");
        remove.bind(1, static_cast<int64_t>(last_number));
        remove.exec();
        return nothing{};
    });
}

outcome<nothing> mail_index::begin_life() {
    return guarded([&] {
        at_->wait_for_disk(true);
        at_->database->exec("UPDATE identity SET id = lower(hex(randomblob(16)))");
        identity_ = at_->database->execAndGet("SELECT id FROM identity").getString();
        return nothing{};
    });
}

outcome<std::vector<std::string>> mail_index::check() {
    return guarded([&] {
        std::vector<std::string> problems;
        SQLite::Statement query(*at_->database, "PRAGMA quick_check(20)");
        while (query.executeStep()) problems.push_back(query.getColumn(0).getString());
        if (problems == std::vector<std::string>{"ok"}) problems.clear();
        SQLite::Statement sums(
            *at_->database,
            "SELECT account, mails, bytes FROM spaces WHERE (mails, bytes) IS NOT "
            "(SELECT COUNT(*), COALESCE(SUM(file_bytes), 0) FROM mails "
            "WHERE state < 2 AND account = spaces.account)");
        while (sums.executeStep()) {
            problems.push_back("the space of " + sums.getColumn(0).getString() +
                               " isn't the sum of its mails");
        }
        return problems;
    });
}

}  // namespace ie
