#include "actors/statistics/incoming_counts.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "messages/text.hpp"

namespace ie {

void count_incoming(incoming_counts& counts, const incoming_judged& mail, int64_t day) {
    if (mail.accounts.empty()) return;
    counts[{"", day}].count(mail.is_spam);
    for (const auto& each : mail.accounts) {
        counts[{to_lower(each.account.value), day}].count(each.is_spam);
    }
}

void add_incoming(SQLite::Database& database, const incoming_counts& counts) {
    SQLite::Statement add(database,
                          "INSERT INTO incoming VALUES (?, ?, ?, ?)"
                          " ON CONFLICT (account, day) DO UPDATE SET spam = spam + excluded.spam,"
                          " legitimate = legitimate + excluded.legitimate");
    for (const auto& [key, sums] : counts) {
        add.bind(1, key.first);
        add.bind(2, key.second);
        add.bind(3, static_cast<int64_t>(sums.spam));
        add.bind(4, static_cast<int64_t>(sums.legitimate));
        add.exec();
        add.reset();
    }
}

void drop_incoming(SQLite::Database& database, int64_t before_day) {
    SQLite::Statement drop(database, "DELETE FROM incoming WHERE day < ?");
    drop.bind(1, before_day);
    drop.exec();
}

std::map<int64_t, incoming_sums> read_incoming(SQLite::Database& database,
                                               const std::string& account, int64_t from_day) {
    std::map<int64_t, incoming_sums> out;
    SQLite::Statement rows(
        database, "SELECT day, spam, legitimate FROM incoming WHERE account = ? AND day >= ?");
    rows.bind(1, account);
    rows.bind(2, from_day);
    while (rows.executeStep()) {
        out[rows.getColumn(0).getInt64()] = {static_cast<uint64_t>(rows.getColumn(1).getInt64()),
                                             static_cast<uint64_t>(rows.getColumn(2).getInt64())};
    }
    return out;
}

}  // namespace ie
