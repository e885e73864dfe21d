// The sender objects in statistics.db, and who stands there by their numbers. All of it within the
// caller's transaction; every call may throw SQLite::Exception.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "actors/statistics/object_names.hpp"

namespace ie {

void bind_bytes(SQLite::Statement& statement, int place, std::string_view bytes);

// Those above the number `saved`.
void insert_objects(SQLite::Database& database, const object_names& objects, uint32_t saved);

// All that are there. False where one can't stand in a tree: the file is damaged behind what was
// added to `objects`.
bool select_objects(SQLite::Database& database, object_names& objects);

struct renumbered_objects {
    object_names objects;
    std::vector<uint32_t> numbers;  // by the old ones; 0: forgotten
    uint32_t forgotten = 0;
};

// Without those that aren't marked in `seen`, by number, nor above one that is.
renumbered_objects without_idle(const object_names& objects, std::vector<bool>& seen);

void renumber_last_holds(SQLite::Database& database, const std::vector<uint32_t>& numbers);

}  // namespace ie
