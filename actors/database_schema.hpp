// How the databases' tables change from version to version. `PRAGMA user_version` tells which
// schema a file has; a change is a new step, never an edit of an old one.
#pragma once

#include <span>
#include <string>

#include "messages/error.hpp"

namespace SQLite {
class Database;
}

namespace ie {

// 0: the file is new. Throws SQLite::Exception.
int schema_version(SQLite::Database& database);

// Where a database of that schema is kept when it is brought to a later one; the last two are.
std::string backup_path(const std::string& path, int version);

// Makes the tables, or brings those of an earlier version up to this one's, whole steps only: step
// n brings a file from version n to n + 1. What was there is kept first. Fails: conflict where a
// later version of ours has written the file, storage_failed where it can't be kept. Throws
// SQLite::Exception.
outcome<nothing> bring_up_to_date(SQLite::Database& database, std::span<const char* const> steps,
                                  const std::string& path);

}  // namespace ie
