// settings.db: settings, individual limits, whitelists and the audit trail. Owns the database file;
// every call may block on the disk. Errors are the database's own words with the file's path.
#pragma once

#include <functional>
#include <memory>

#include "actors/settings/admin_decisions.hpp"

namespace SQLite {
class Database;
}

namespace ie {

// How many records of the trail are kept, the newest of each kind: whoever has himself refused
// again and again pushes out other refusals, and no change.
struct audit_bounds {
    int64_t changes = 1'000'000;
    int64_t refusals = 200'000;
};

class settings_tables {
  public:
    static constexpr int64_t audit_dropped_max = 2'000;  // of one kind, by one commit

    // Makes the file where there is none; one that is damaged is set aside, and what `put_back`
    // then puts in its place is taken, or it is begun anew. Fails: storage_failed; conflict where a
    // later version of ours has written it.
    static outcome<std::unique_ptr<settings_tables>> open(
        const std::string& path, const audit_bounds& bounds = {},
        std::function<void()> put_back = [] {});
    ~settings_tables();

    // Found damaged in use: the next open() sets it aside.
    bool is_damaged() const;
    // Where open() has put a damaged one, and what was wrong with that; empty: it was sound.
    const std::string& set_aside() const;
    const std::string& damage() const;

    // Fails: storage_failed.
    outcome<admin_decisions> read() const;

    // All of it or nothing; durable when it returns. Fails: storage_failed.
    outcome<nothing> commit(const decision_change& change);

    // As commit(); afterwards the file says this, beside its trail. Fails: storage_failed.
    outcome<nothing> replace(const admin_decisions& content);

    // Newest first. Fails: storage_failed.
    outcome<audit_list> find(const list_audit& query) const;

  private:
    struct state;
    explicit settings_tables(std::unique_ptr<state> opened);
    std::unique_ptr<state> state_;
};

// What a database of this version or an earlier one says. Throws SQLite::Exception.
admin_decisions read_settings(SQLite::Database& database);
// Whether it is such a one. Throws SQLite::Exception.
bool is_settings_database(SQLite::Database& database);

}  // namespace ie
