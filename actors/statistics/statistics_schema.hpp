// The tables of statistics.db. `PRAGMA user_version` tells which schema a file has; a change is a
// new step in `schema_steps`, never an edit of an old one.
#pragma once

#include <span>

namespace ie {

// Step n brings a database from version n to n + 1.
std::span<const char* const> statistics_schema();

}  // namespace ie
