// Opening quarantine.db, and what becomes of one that is damaged.
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "actors/database_schema.hpp"
#include "actors/quarantine/index/mail_index_parts.hpp"
#include "actors/quarantine/index/mail_schema.hpp"

namespace ie {
namespace {

constexpr int busy_timeout_ms = 5'000;
constexpr uintmax_t checked_at_start_bytes_max = 32 << 20;  // a larger one when it is asked for
constexpr const char* damaged_mark = ".damaged";            // a file beside it: set it aside

bool is_damage(const SQLite::Exception& failure) {
    return failure.getErrorCode() == SQLITE_CORRUPT || failure.getErrorCode() == SQLITE_NOTADB;
}

// SQLite's own words, and the system's where it has any.
error database_error(const std::string& path, const SQLite::Exception& failure) {
    const int code = failure.getExtendedErrorCode();
    return fail(error_code::storage_failed,
                path + ": " + failure.what() + " (SQLite error " + std::to_string(code) + ")");
}

void check_if_small(SQLite::Database& database, const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::file_size(path, ignored) > checked_at_start_bytes_max) return;
    const std::string found = database.execAndGet("PRAGMA quick_check(1)").getString();
    if (found != "ok") throw SQLite::Exception(found, SQLITE_CORRUPT);
}

// A write-ahead log holds the last changes only.
bool is_log_alone(const std::string& path) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    return (failed || size == 0) && std::filesystem::exists(path + "-wal");
}

// Out of the way, with its write-ahead log, for whoever wants to look at it. Returns where it is.
std::string put_aside(const std::string& path) {
    namespace fs = std::filesystem;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string to =
        path + ".damaged-" +
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    std::error_code ignored;
    fs::rename(path, to, ignored);
    fs::rename(path + "-wal", to + "-wal", ignored);
    fs::remove(path + "-shm", ignored);
    fs::remove(path + damaged_mark, ignored);
    return to;
}

}  // namespace

outcome<mail_index> mail_index::open(const std::string& path, fault_point fault) {
    std::string aside;
    if (std::filesystem::exists(path + damaged_mark) || is_log_alone(path)) aside = put_aside(path);
    auto opened = open_sound(path);
    if (!opened) {
        aside = put_aside(path);
        opened = open_sound(path);
    }
    if (!opened)
        return fail(error_code::storage_failed, path + ": damaged, and can't be set aside");
    if (!*opened) return opened->failure();
    (*opened)->fault_ = std::move(fault);
    (*opened)->set_aside_ = std::move(aside);
    return std::move(*opened);
}

// Nothing where it is damaged. Fails: storage_failed.
std::optional<outcome<mail_index>> mail_index::open_sound(const std::string& path) {
    try {
        auto database = std::make_unique<SQLite::Database>(
            path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms);
        database->exec("PRAGMA journal_mode = WAL");
        database->exec("PRAGMA synchronous = FULL");
        database->exec("PRAGMA foreign_keys = ON");
        // Pages; mails' ids are random, so many rows of a large log change the same pages.
        database->exec("PRAGMA wal_autocheckpoint = 4000");
        const bool is_new = schema_version(*database) == 0;
        check_if_small(*database, path);
        const auto ready = bring_up_to_date(*database, schema_steps, path);
        if (!ready) return fail(error_code::storage_failed, ready.failure().what);
        mail_index index(path, std::move(database));
        index.identity_ = index.at_->database->execAndGet("SELECT id FROM identity").getString();
        index.is_new_ = is_new;
        return index;
    } catch (const SQLite::Exception& failure) {
        if (is_damage(failure)) return std::nullopt;
        return database_error(path, failure);
    }
}

// What is damaged is so for whoever opens it next, too, though he might not look there.
error mail_index::failed(const SQLite::Exception& failure) {
    if (is_damage(failure) && !std::exchange(damaged_, true)) {
        std::ofstream mark(path_ + damaged_mark);
    }
    refused_ = refused_ || failure.getErrorCode() == SQLITE_IOERR;
    return database_error(path_, failure);
}

}  // namespace ie
