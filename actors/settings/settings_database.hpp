// settings.db as the keeper has it: it may be gone for a while. Owns the file and its copies; calls
// may block on the disk.
//
// What is in force, and what becomes of changes, where settings.db is
// - damaged or gone at the start: the newest sound copy, put in its place; without one the
// defaults,
//   begun anew. Changes are taken.
// - found damaged in use: what was in force, written into the newest copy or a file begun anew.
//   Changes are taken again within seconds.
// - not to be opened (rights, a lock, a full disk, a later schema): what was in force; at the start
//   the newest copy's, else the defaults. Changes are refused; it is tried again every 5 s.
//
// A damaged one is set aside, with an error event, and a second within a minute isn't.
#pragma once

#include "actors/settings/settings_copies.hpp"
#include "actors/settings/settings_tables.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"

namespace ie {

class settings_database {
  public:
    static constexpr int64_t retry_ms = 5'000;
    static constexpr int64_t set_aside_ms = 60'000;    // from one setting aside to the next
    static constexpr int64_t copy_retry_ms = 600'000;  // after a copy that failed

    // `time` outlives it.
    settings_database(std::string path, const ie::clock& time)
        : path_(std::move(path)), time_(time) {}

    // Opens what can't be used, if it is time. Gives what is to be put in force; nothing where that
    // is `in_force` already (null: nothing is).
    std::optional<admin_decisions> mend(const admin_decisions* in_force);

    bool is_open() const { return store_ != nullptr; }
    // Nothing of what was decided is known: the database can't be opened, and there is no copy.
    bool knows_nothing() const { return !store_ && stand_in_ == defaults; }

    // Fail: storage_failed.
    outcome<nothing> commit(const decision_change& change);
    outcome<audit_list> find(const list_audit& query);
    // What they say while it isn't open.
    error refusal() const;

    // Makes today's copy; in any thread. Empty where there is nothing to do.
    std::function<outcome<nothing>()> take_copy();
    void copied(const outcome<nothing>& done);

    const std::string& last_error() const { return last_error_; }
    // What an operator should know besides; empty: nothing.
    std::string detail() const;

  private:
    static constexpr const char* defaults = "the defaults";

    outcome<admin_decisions> open(const admin_decisions* in_force);
    void stand_in(std::optional<admin_decisions>& out);
    void put_back();
    void report_error(const error& failure);

    std::string path_;
    const ie::clock& time_;
    std::unique_ptr<settings_tables> store_;  // null: it can't be opened
    int64_t open_at_ms_ = 0;                  // not before, by the steady clock
    int64_t copy_at_ms_ = 0;
    bool rewrites_ = false;  // what is in force is more than what the file says
    std::string last_error_;
    std::string copy_error_;
    std::string stand_in_;   // what is in force while it can't be opened
    std::string put_back_;   // the copy that was put in its place just now
    std::string set_aside_;  // in this life: what an operator should know of it
    logger logger_{"settings"};
};

}  // namespace ie
