#include "actors/statistics/statistics_schema.hpp"

#include <array>

namespace ie {
namespace {

// A table for each rollup level keeps the blobs
// (rollup_block.hpp) where SQLite reads them fastest: under an integer primary key, in order.
constexpr std::array<const char*, 3> schema_steps{R"(
    CREATE TABLE decisions (
        hour INTEGER NOT NULL,
        action INTEGER NOT NULL,
        messages INTEGER NOT NULL,
        recipients INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        PRIMARY KEY (hour, action)
    ) WITHOUT ROWID;
)",
                                                  R"(
    CREATE TABLE objects (
        number INTEGER PRIMARY KEY,
        key BLOB NOT NULL,                 -- the UUID's 16 bytes
        kind INTEGER NOT NULL,             -- sender_kind
        parent INTEGER NOT NULL,           -- number; an account's: 0
        name BLOB NOT NULL
    );
    CREATE TABLE seconds (start INTEGER PRIMARY KEY, rows BLOB NOT NULL);  -- Unix time
    CREATE TABLE minutes (start INTEGER PRIMARY KEY, rows BLOB NOT NULL);
    CREATE TABLE hours (start INTEGER PRIMARY KEY, rows BLOB NOT NULL);
    CREATE TABLE days (start INTEGER PRIMARY KEY, rows BLOB NOT NULL);
    CREATE TABLE marks (
        level INTEGER PRIMARY KEY,         -- 0: seconds … 3: days
        gone_until INTEGER NOT NULL,
        made_until INTEGER NOT NULL
    );
    CREATE TABLE daily (
        day INTEGER NOT NULL,              -- Unix time / 86400
        direction INTEGER NOT NULL,        -- mail_direction
        action INTEGER NOT NULL,           -- verdict_action
        reasons INTEGER NOT NULL,          -- bit n: hold_reason n
        messages INTEGER NOT NULL,
        recipients INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        PRIMARY KEY (day, direction, action, reasons)
    ) WITHOUT ROWID;
    CREATE TABLE last_holds (
        account INTEGER PRIMARY KEY,       -- objects.number
        at INTEGER NOT NULL,               -- Unix time
        reasons INTEGER NOT NULL,
        sender BLOB NOT NULL,
        limits BLOB NOT NULL               -- as on the wire
    );
    INSERT INTO daily SELECT hour / 24, 0, action, 0, SUM(messages), SUM(recipients),
        SUM(size_bytes) FROM decisions GROUP BY hour / 24, action;
    DROP TABLE decisions;
)",
                                                  R"(
    CREATE TABLE incoming (
        account TEXT NOT NULL,             -- lower case; empty: the server
        day INTEGER NOT NULL,              -- of the server's calendar, from 1970-01-01
        spam INTEGER NOT NULL,             -- mails
        legitimate INTEGER NOT NULL,
        PRIMARY KEY (account, day)
    ) WITHOUT ROWID;
)"};

}  // namespace

std::span<const char* const> statistics_schema() {
    return schema_steps;
}

}  // namespace ie
