#include "actors/database_file.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "actors/database_schema.hpp"
#include "config/system/file_handle.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr int busy_timeout_ms = 1'000;
constexpr uintmax_t checked_at_start_bytes_max = 32 << 20;  // a larger one when it is asked for
constexpr const char* damaged_mark = ".damaged";            // a file beside it: set it aside

enum class trouble { damage, disk_error, other };

struct failed_open {
    trouble kind = trouble::other;
    error what;
};

void check_if_small(SQLite::Database& database, const std::string& path) {
    std::error_code ignored;
    if (fs::file_size(path, ignored) > checked_at_start_bytes_max) return;
    const std::string found = database.execAndGet("PRAGMA quick_check(1)").getString();
    if (found != "ok") throw SQLite::Exception(found, SQLITE_CORRUPT);
}

// What can be told without opening it. A write-ahead log holds the last changes only.
std::optional<failed_open> sign_of_damage(const std::string& path) {
    std::error_code none;
    const auto damage = [&](const char* what) {
        return failed_open{trouble::damage, fail(error_code::storage_failed, path + ": " + what)};
    };
    if (fs::exists(path + damaged_mark, none)) return damage("was found damaged in use");
    const bool there = fs::exists(path, none);
    if (there && fs::is_regular_file(path, none) && fs::file_size(path, none) == 0) {
        return damage("is empty");
    }
    if (!there && !none && fs::exists(path + "-wal", none)) return damage("only its log is there");
    return std::nullopt;
}

int primary_code(const SQLite::Exception& failure) {
    constexpr int primary_bits = 0xff;
    return failure.getErrorCode() & primary_bits;
}

// `code`: errno since the work was begun; SQLite itself keeps it for some failures only.
// `database`: null where it couldn't even be opened.
bool is_disk_error(const SQLite::Database* database, const SQLite::Exception& failure, int code) {
    if (primary_code(failure) != SQLITE_IOERR) return false;
    if (code == 0 && database != nullptr) code = sqlite3_system_errno(database->getHandle());
    return code == EIO;
}

std::optional<failed_open> try_open(const std::string& path, const database_rules& rules,
                                    opened_database& out) {
    std::unique_ptr<SQLite::Database> database;
    errno = 0;
    try {
        database = std::make_unique<SQLite::Database>(
            path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms);
        database->exec("PRAGMA journal_mode = WAL");
        database->exec("PRAGMA synchronous = FULL");
        database->exec(rules.pragmas);
        out.is_new = schema_version(*database) == 0;
        check_if_small(*database, path);
        const auto ready = bring_up_to_date(*database, rules.schema_steps, path);
        if (!ready) return failed_open{trouble::other, ready.failure()};
        rules.look(*database);
        out.database = std::move(database);
        return std::nullopt;
    } catch (const SQLite::Exception& failure) {
        const int code = errno;
        const bool disk = is_disk_error(database.get(), failure, code);
        const trouble kind = is_damage(failure) ? trouble::damage
                             : disk             ? trouble::disk_error
                                                : trouble::other;
        return failed_open{kind, database_error(path, failure)};
    }
}

bool sync(const std::string& path) {
    const file_handle opened(path, O_RDONLY);
    return opened && ::fsync(opened.get()) == 0;
}

// Out of the way, with its write-ahead log. Returns where it is. Fails: storage_failed.
outcome<std::string> put_aside(const std::string& path) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string to =
        path + ".damaged-" +
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    std::error_code failed, ignored;
    fs::rename(path, to, failed);
    if (failed && failed != std::errc::no_such_file_or_directory) {
        return fail(error_code::storage_failed, path + ": can't be set aside: " + failed.message());
    }
    fs::rename(path + "-wal", to + "-wal", ignored);
    fs::remove(path + "-shm", ignored);
    fs::remove(path + damaged_mark, ignored);
    return to;
}

// One that was begun just now and can't be used.
void remove_begun(const std::string& path) {
    std::error_code ignored;
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part, ignored);
}

}  // namespace

outcome<opened_database> open_database(const std::string& path, const database_rules& rules) {
    opened_database out;
    std::error_code unknown;
    const bool was_there = fs::exists(path, unknown) || unknown;
    auto failed = sign_of_damage(path);
    if (!failed) failed = try_open(path, rules, out);
    if (failed && failed->kind == trouble::disk_error) failed = try_open(path, rules, out);
    if (!failed) return out;
    if (failed->kind == trouble::other) return failed->what;
    if (failed->kind == trouble::disk_error && !was_there) {
        remove_begun(path);
        return failed->what;
    }
    auto aside = put_aside(path);
    if (!aside) return fail(aside.failure().code, failed->what.what + "; " + aside.failure().what);
    rules.put_back();
    if (const auto again = try_open(path, rules, out)) {
        remove_begun(path);
        return fail(again->what.code, failed->what.what + "; it is set aside as " + *aside +
                                          ", and another can't be begun: " + again->what.what);
    }
    out.set_aside = std::move(*aside);
    out.damage = failed->what.what;
    return out;
}

outcome<nothing> copy_database(SQLite::Database& database, const std::string& to) {
    const std::string making = to + ".new";
    std::error_code failed;
    std::string why;
    fs::remove(making, failed);
    try {
        SQLite::Statement copy(database, "VACUUM INTO ?");
        copy.bind(1, making);
        copy.exec();
        if (!sync(making)) why = errno_text(errno);
        if (why.empty()) fs::rename(making, to, failed);
        if (failed) why = failed.message();
        if (why.empty() && !sync(fs::path(to).parent_path().string())) why = errno_text(errno);
    } catch (const SQLite::Exception& failure) {
        fs::remove(making, failed);
        if (is_damage(failure)) throw;  // others mend that; it isn't for want of room
        why = failure.what();
    }
    if (why.empty()) return nothing{};
    fs::remove(making, failed);
    return fail(error_code::storage_failed, to + " (" + why + ")");
}

void mark_damaged(const std::string& path) {
    const std::ofstream mark(path + damaged_mark);
}

bool is_damage(const SQLite::Exception& failure) {
    const int code = primary_code(failure);
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

error database_error(const std::string& path, const SQLite::Exception& failure) {
    const int code = failure.getExtendedErrorCode();
    return fail(error_code::storage_failed,
                path + ": " + failure.what() + " (SQLite error " + std::to_string(code) + ")");
}

database_guard::database_guard(std::string path, std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

error database_guard::damaged(const std::string& what) {
    damaged_ = true;
    mark_damaged(path_);
    return fail(error_code::storage_failed, path_ + ": " + what);
}

error database_guard::failed(const SQLite::Exception& failure, int code) {
    const bool disk_failed = is_disk_error(database_.get(), failure, code);
    const bool again = std::exchange(disk_failed_, disk_failed) && disk_failed;
    if (!damaged_ && (is_damage(failure) || again)) {
        damaged_ = true;
        mark_damaged(path_);
    }
    return database_error(path_, failure);
}

}  // namespace ie
