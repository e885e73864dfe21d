// quarantine.db: what can be known of held mails without opening their files, and how far each
// one's release is. This is the connection; what it is asked stands in held_mails, account_ledger,
// action_outbox and mail_search. A commit is durable when it returns; one of new mails only is so
// with the next one or a checkpoint, since their files say it all. One thread at a time. A crash
// loses nothing that was committed. Others may read beside the owner, each by a connection of its
// own that `open_to_read` gives: they see what is committed when they begin, and delay nobody.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/journal/fault_point.hpp"
#include "actors/quarantine/index/index_changes.hpp"

namespace SQLite {
class Database;
class Exception;
class Statement;
}  // namespace SQLite

namespace ie {

class quarantine_database {
  public:
    // Makes the database where there is none. One that is damaged is set aside and made anew,
    // empty. Fails: storage_failed (among others: a later engine's schema).
    static outcome<quarantine_database> open(const std::string& path, fault_point fault = {});
    // One that is there already; nothing is changed by it. Fails: storage_failed.
    static outcome<quarantine_database> open_to_read(const std::string& path,
                                                     fault_point fault = {});
    quarantine_database(quarantine_database&&) noexcept;
    quarantine_database& operator=(quarantine_database&&) noexcept;
    ~quarantine_database();

    // All or nothing. Fails: storage_failed, bad_request (nothing can hold it).
    outcome<nothing> commit(const std::vector<index_change>& changes);

    // All of it on the disk, whatever became of what was written before. Fails: storage_failed.
    outcome<nothing> write_anew();

    // The write-ahead log becomes part of the database when it has log_pages_max, within the commit
    // that makes it so; or when a reader says `checkpoint`, where the owner leaves it to one: `due`
    // is called by the commit that makes it so, once for each log_pages_max.
    static constexpr int log_pages_max = 4'000;
    void leave_checkpoints(std::function<void()> due);
    // A commit waits for its last step at most: two syncs, and a moment for who else reads; where
    // somebody goes on reading the log isn't begun anew, and grows until it is. Fails:
    // storage_failed.
    outcome<nothing> checkpoint();

    // For the numbers of actions.
    const std::string& identity() const { return identity_; }  // of this life of the database
    uint64_t last_action() const { return last_action_; }      // ever, when it was opened
    // From now on actions are another life's; they are numbered as before. Fails: storage_failed.
    outcome<nothing> begin_life();

    // Problems that the database finds with itself; reads all of it. Fails: storage_failed.
    outcome<std::vector<std::string>> check();

    bool is_new() const { return is_new_; }                      // made by open()
    const std::string& set_aside() const { return set_aside_; }  // where the damaged one is
    // It was found damaged while in use: the next open() sets it aside.
    bool is_damaged() const { return damaged_; }

    // For those that have its queries (statements.hpp).
    SQLite::Database& operator*() const;
    SQLite::Statement& kept(const std::string& text);
    // What `work` gives. Fails: storage_failed, where it throws SQLite::Exception.
    template <class Work>
    auto guarded(Work&& work) -> outcome<decltype(work())>;
    // A test's fault at that step.
    outcome<nothing> faulty(std::string_view step) const;

  private:
    struct connection;

    quarantine_database(std::string path, std::unique_ptr<SQLite::Database> database);
    error failed(const SQLite::Exception& failure);
    bool is_moved() const;

    std::string path_;
    std::unique_ptr<connection> at_;
    fault_point fault_;
    std::string identity_;
    uint64_t last_action_ = 0;
    std::string set_aside_;
    bool is_new_ = false;
    bool damaged_ = false;
    bool refused_ = false;  // the disk has refused to write: a part of the log may be lost
};

}  // namespace ie
