// Opening quarantine.db, and what becomes of one that is damaged.
#include <sqlite3.h>

#include "actors/database_file.hpp"
#include "actors/quarantine/index/mail_index_parts.hpp"
#include "actors/quarantine/index/mail_schema.hpp"

namespace ie {
namespace {

constexpr int busy_timeout_ms = 5'000;

// A large log: mails' ids are random, so that many rows change the same pages.
const std::string pragmas = "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = " +
                            std::to_string(mail_index::log_pages_max);

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
    auto opened = open_database(path, {schema_steps, pragmas.c_str(), look});
    if (!opened) return fail(error_code::storage_failed, opened.failure().what);
    mail_index index(path, std::move(opened->database));
    index.identity_ = std::move(identity);
    index.last_action_ = static_cast<uint64_t>(last_action);
    index.is_new_ = opened->is_new;
    index.set_aside_ = std::move(opened->set_aside);
    index.fault_ = std::move(fault);
    return index;
}

// It may write so that it can make a checkpoint, and for nothing else.
outcome<mail_index> mail_index::open_to_read(const std::string& path, fault_point fault) {
    try {
        auto database =
            std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, busy_timeout_ms);
        database->exec("PRAGMA synchronous = FULL");
        database->exec("PRAGMA query_only = ON");
        // Where it is the last to close, another database may stand at the path already, whose log
        // would go then.
        sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        mail_index index(path, std::move(database));
        index.fault_ = std::move(fault);
        return index;
    } catch (const SQLite::Exception& failure) {
        return database_error(path, failure);
    }
}

// Takes the place of SQLite's own checkpoints, which hang on the same hook.
void mail_index::leave_checkpoints() {
    const auto after_commit = [](void* state, sqlite3*, const char*, int pages) {
        auto& log = *static_cast<connection::log_state*>(state);
        if (pages < log.pages) log.due_at_pages = log_pages_max;  // it has begun anew
        log.pages = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(at_->database->getHandle(), after_commit, &at_->log);
}

// Once for each log_pages_max that it grows by.
bool mail_index::checkpoint_is_due() {
    auto& log = at_->log;
    if (log.pages < log.due_at_pages) return false;
    log.due_at_pages = log.pages + log_pages_max;
    return true;
}

// First what can be done beside commits; the rest, which is little then, keeps them out: the log is
// begun anew only where it has nothing that isn't in the database.
outcome<nothing> mail_index::checkpoint() {
    return guarded([&] {
        at_->database->execAndGet("PRAGMA wal_checkpoint(PASSIVE)");
        at_->database->execAndGet("PRAGMA wal_checkpoint(RESTART)");
        return nothing{};
    });
}

// Set aside meanwhile: what stands at the path is another one.
bool mail_index::is_moved() const {
    int moved = 0;
    sqlite3_file_control(at_->database->getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

error mail_index::failed(const SQLite::Exception& failure) {
    if (is_damage(failure) && !std::exchange(damaged_, true) && !is_moved()) mark_damaged(path_);
    refused_ = refused_ || failure.getErrorCode() == SQLITE_IOERR;
    return database_error(path_, failure);
}

}  // namespace ie
