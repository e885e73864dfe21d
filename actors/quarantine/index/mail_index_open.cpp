// Opening quarantine.db, and what becomes of one that is damaged.
#include "actors/database_file.hpp"
#include "actors/quarantine/index/mail_index_parts.hpp"
#include "actors/quarantine/index/mail_schema.hpp"

namespace ie {
namespace {

constexpr int busy_timeout_ms = 5'000;

// Pages of the log; mails' ids are random, so many rows of a large one change the same pages.
constexpr const char* pragmas = "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000";

}  // namespace

outcome<mail_index> mail_index::open(const std::string& path, fault_point fault) {
    std::string identity;
    int64_t last_action = 0;
    const auto look = [&](SQLite::Database& database) {
        database.setBusyTimeout(busy_timeout_ms);
        identity = database.execAndGet("SELECT id FROM identity").getString();
        last_action = database
                          .execAndGet(
                              "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence "
                              "WHERE name = 'actions'")
                          .getInt64();
    };
    auto opened = open_database(path, {schema_steps, pragmas, look});
    if (!opened) return fail(error_code::storage_failed, opened.failure().what);
    mail_index index(path, std::move(opened->database));
    index.identity_ = std::move(identity);
    index.last_action_ = static_cast<uint64_t>(last_action);
    index.is_new_ = opened->is_new;
    index.set_aside_ = std::move(opened->set_aside);
    index.fault_ = std::move(fault);
    return index;
}

error mail_index::failed(const SQLite::Exception& failure) {
    if (is_damage(failure) && !std::exchange(damaged_, true)) mark_damaged(path_);
    return database_error(path_, failure);
}

}  // namespace ie
