// Incoming mail by day and account: what was counted and isn't on the disk yet, and its table in
// statistics.db. A mail counts once for the server and once for each account that it is for.
// Bounded by the server's accounts and the days for which the disk refuses.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/incoming.hpp"
#include "messages/scan.hpp"

namespace SQLite {
class Database;
}

namespace ie {

struct incoming_sums {
    uint64_t spam = 0;
    uint64_t legitimate = 0;

    void count(bool is_spam) { ++(is_spam ? spam : legitimate); }
    void add(const incoming_sums& other) {
        spam += other.spam;
        legitimate += other.legitimate;
    }
};

// By account (lower case; empty: the server) and day (calendar_day).
using incoming_counts = std::map<std::pair<std::string, int64_t>, incoming_sums>;

// Pure.
void count_incoming(incoming_counts& counts, const incoming_judged& mail, int64_t day);

// All of these throw SQLite::Exception.
void add_incoming(SQLite::Database& database, const incoming_counts& counts);
void drop_incoming(SQLite::Database& database, int64_t before_day);

// Of an account, by day.
std::map<int64_t, incoming_sums> read_incoming(SQLite::Database& database,
                                               const std::string& account, int64_t from_day);

}  // namespace ie
