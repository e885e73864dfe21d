// statistics.db: sender objects, their counts by second, minute, hour and day, the counts of
// decisions by day, and each account's last held mail. Owns the database file; every call may block
// on the disk. Errors are the database's own words with the file's path.
#pragma once

#include <memory>

#include "actors/statistics/block_tables.hpp"
#include "actors/statistics/incoming_counts.hpp"
#include "messages/service.hpp"

namespace ie {

class statistics_store {
  public:
    // Makes the file where there is none; one that is damaged is set aside and begun anew. Fails:
    // storage_failed; conflict where a later version of ours has written it.
    static outcome<std::unique_ptr<statistics_store>> open(const std::string& path,
                                                           const keep_times& keep);
    ~statistics_store();

    // Found damaged in use: the next open() sets it aside.
    bool is_damaged() const;
    // Where open() has put a damaged one, and what was wrong with that; empty: it was sound.
    const std::string& set_aside() const;
    const std::string& damage() const;

    // All that were written; where they are a crowd, without those that forget_idle() takes away.
    // Fails: storage_failed.
    outcome<object_names> read_objects(const object_bounds& bounds = {});

    // `objects` without those that no count is kept of any more, the others numbered anew, in the
    // file too; as they are where it wouldn't be worth it. Goes through all that is kept. They must
    // all be written. Fails: storage_failed, and the file is as it was.
    outcome<object_names> forget_idle(const object_names& objects);

    // Of an account (empty: the server) from that day on, by day. Fails: storage_failed.
    outcome<std::map<int64_t, incoming_sums>> read_incoming(const std::string& account,
                                                            int64_t from_day);

    // Adds all of it and does what is due at `now_s`, or nothing; durable when it returns.
    // `objects` are those that `pending` was counted with. Fails: storage_failed.
    outcome<nothing> write(pending_counts& pending, const object_names& objects, int64_t now_s,
                           const incoming_counts& incoming = {});

    // Every leaf's counts in the stretch of time, in parts. Fails: storage_failed.
    outcome<nothing> read(const time_cover& cover,
                          const std::function<void(const block_row&)>& visit);
    // What can be covered, and how.
    const all_marks& marks() const;

    // An account's; `held_at_s` is 0 where it has none. Fails: storage_failed.
    outcome<last_hold> read_last_hold(uint32_t account);

    // Every decision ever written. Fails: storage_failed.
    outcome<decision_counts> counts();

    // Blocks that were met and couldn't be read to their end.
    uint64_t damaged_blocks() const;

  private:
    struct state;
    outcome<object_names> read_all_objects(const object_bounds& bounds);
    explicit statistics_store(std::unique_ptr<state> opened);
    template <class Work>
    auto guarded(Work&& work) -> outcome<decltype(work())>;

    std::unique_ptr<state> state_;
};

}  // namespace ie
