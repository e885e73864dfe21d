#include "actors/quarantine/index/account_ledger.hpp"

#include "actors/quarantine/index/statements.hpp"
#include "messages/wire.hpp"

namespace ie {

outcome<held_total> account_ledger::total() const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                "SELECT COALESCE(SUM(mails), 0), COALESCE(SUM(bytes), 0) "
                                "FROM spaces");
        query.executeStep();
        return held_total{static_cast<uint64_t>(query.getColumn(0).getInt64()),
                          static_cast<uint64_t>(query.getColumn(1).getInt64())};
    });
}

outcome<std::vector<used_space>> account_ledger::spaces(const account_name& only) const {
    return database_.guarded([&] {
        SQLite::Statement query(
            *database_, std::string("SELECT account, mails, bytes FROM spaces ") +
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

outcome<std::map<std::string, uint64_t>> account_ledger::deleted_since(int64_t time_ms) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
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

outcome<uint64_t> account_ledger::releases_since(const account_name& account, int64_t since_ms,
                                                 int64_t now_ms) const {
    return database_.guarded([&] {
        SQLite::Statement correct(*database_,
                                  "UPDATE releases SET at_ms = ?1 "
                                  "WHERE account = ?2 AND counts = 1 AND at_ms > ?1");
        binder{correct}(now_ms, account);
        correct.exec();
        SQLite::Statement count(*database_,
                                "SELECT COUNT(*) FROM releases "
                                "WHERE account = ? AND counts = 1 AND at_ms > ?");
        binder{count}(account, since_ms);
        count.executeStep();
        return static_cast<uint64_t>(count.getColumn(0).getInt64());
    });
}

outcome<int64_t> account_ledger::release_before(const account_name& account, uint64_t newer) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                "SELECT at_ms FROM releases WHERE account = ? AND counts = 1 "
                                "ORDER BY at_ms DESC LIMIT 1 OFFSET ?");
        binder{query}(account, static_cast<int64_t>(newer));
        return query.executeStep() ? query.getColumn(0).getInt64() : int64_t{0};
    });
}

outcome<std::optional<release_order>> account_ledger::order_of(int64_t number) const {
    return database_.guarded([&]() -> std::optional<release_order> {
        SQLite::Statement query(*database_, "SELECT release_order FROM releases WHERE mail = ?");
        query.bind(1, number);
        if (!query.executeStep()) return std::nullopt;
        auto order = decode<release_order>(query.getColumn(0).getString());
        if (!order) return std::nullopt;
        return std::move(*order);
    });
}

outcome<shown_count> account_ledger::shown(const account_name& account) const {
    return database_.guarded([&] {
        SQLite::Statement query(*database_,
                                "SELECT COUNT(*), COALESCE(SUM(state = 1), 0) FROM mails "
                                "WHERE state < 2 AND account = ?");
        query.bind(1, account.value);
        query.executeStep();
        const auto all = static_cast<uint64_t>(query.getColumn(0).getInt64());
        const auto releasing = static_cast<uint64_t>(query.getColumn(1).getInt64());
        return shown_count{all - releasing, releasing};
    });
}

outcome<std::vector<std::string>> account_ledger::check() const {
    return database_.guarded([&] {
        std::vector<std::string> problems;
        SQLite::Statement sums(
            *database_,
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
