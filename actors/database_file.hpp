// Opens the engine's databases, all of them by one rule. Damaged is what SQLite calls CORRUPT or
// NOTADB, an empty file, a write-ahead log without its database, what was marked so in use, and a
// disk that says EIO twice. A damaged database is set aside as PATH.damaged-TIME, for whoever wants
// to look at it, and begun anew. Whatever else fails (rights, a lock, a full disk, a later schema)
// is an error that leaves everything as it is: the caller goes on without it and tries again. After
// a crash in between the damaged one is found again, or is out of the way already.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "messages/error.hpp"

namespace ie {

struct database_rules {
    std::span<const char* const> schema_steps;
    const char* pragmas = "";
    // Reads what is wanted at once: damage that it meets (SQLite::Exception) is found in time.
    std::function<void(SQLite::Database&)> look = [](SQLite::Database&) {};
    // Called when a damaged one is out of the way: may put another in its place.
    std::function<void()> put_back = [] {};
};

struct opened_database {
    std::unique_ptr<SQLite::Database> database;  // waits for a lock for a second
    bool is_new = false;
    std::string set_aside;  // where the damaged one is; empty: it was sound
    std::string damage;     // what was wrong with it
};

// Makes the file where there is none. Fails: storage_failed; conflict where a later version of ours
// has written it.
outcome<opened_database> open_database(const std::string& path, const database_rules& rules);

// All of it, to another file: there durable and whole when it returns, or not at all, however it
// breaks off. Waits for no writer and holds none up. Fails: storage_failed. Throws
// SQLite::Exception where it is damaged.
outcome<nothing> copy_database(SQLite::Database& database, const std::string& to);

// What is damaged is so for whoever opens it next, too, though he might not look there.
void mark_damaged(const std::string& path);

bool is_damage(const SQLite::Exception& failure);

// storage_failed, with SQLite's own words and the file's path.
error database_error(const std::string& path, const SQLite::Exception& failure);

// What a store knows of its database while in use.
class database_guard {
  public:
    database_guard(std::string path, std::unique_ptr<SQLite::Database> database);

    SQLite::Database& operator*() const { return *database_; }

    // Found damaged, or EIO twice in a row: whoever opens it next sets it aside.
    bool is_damaged() const { return damaged_; }

    // What `work` gives. Fails: storage_failed, where it throws SQLite::Exception.
    template <class Work>
    auto guarded(Work&& work) -> outcome<decltype(work())>;

    // For what SQLite doesn't find by itself.
    error damaged(const std::string& what);

  private:
    error failed(const SQLite::Exception& failure, int code);

    std::string path_;
    std::unique_ptr<SQLite::Database> database_;
    bool disk_failed_ = false;  // the last time
    bool damaged_ = false;
};

template <class Work>
auto database_guard::guarded(Work&& work) -> outcome<decltype(work())> {
    errno = 0;
    try {
        auto done = work();
        disk_failed_ = false;
        return done;
    } catch (const SQLite::Exception& failure) {
        return failed(failure, errno);
    }
}

}  // namespace ie
