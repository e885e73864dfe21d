// The tables of statistics.db. `PRAGMA user_version` tells which schema a file has; a change is a
// new step in `schema_steps`, never an edit of an old one.
#pragma once

#include "messages/error.hpp"

namespace SQLite {
class Database;
class Exception;
}  // namespace SQLite

namespace ie {

// Makes the tables, or brings those of an earlier version up to this one's, whole steps only.
// Fails: conflict where a later version of ours has written the file. Throws SQLite::Exception.
outcome<nothing> make_tables(SQLite::Database& database, const std::string& path);

// SQLite's own words, with the file's path.
error database_error(const std::string& path, const SQLite::Exception& failure);

}  // namespace ie
