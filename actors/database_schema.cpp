#include "actors/database_schema.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace ie {

int schema_version(SQLite::Database& database) {
    return database.execAndGet("PRAGMA user_version").getInt();
}

outcome<nothing> bring_up_to_date(SQLite::Database& database, std::span<const char* const> steps,
                                  const std::string& path) {
    const int found = schema_version(database);
    if (found < 0 || static_cast<size_t>(found) > steps.size()) {
        return fail(error_code::conflict,
                    path + ": has schema " + std::to_string(found) + ", this engine knows " +
                        std::to_string(steps.size()) + "; install the version that wrote it");
    }
    for (size_t step = static_cast<size_t>(found); step < steps.size(); ++step) {
        SQLite::Transaction transaction(database);
        database.exec(steps[step]);
        database.exec("PRAGMA user_version = " + std::to_string(step + 1));
        transaction.commit();
    }
    return nothing{};
}

}  // namespace ie
