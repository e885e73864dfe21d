// All counts, in memory and on the disk. Owns statistics.db; calls may block on the disk. Goes on
// without it: what isn't written yet waits in memory, within the bounds of pending_counts.
//
// - Damaged when it is opened, or found so in use: set aside, begun anew with what is in memory, an
//   error event; again after a minute at the soonest.
// - It can't be opened (rights, a lock, a full disk, a later schema): an error event, `degraded`,
//   nothing is touched; tried again every 5 s.
// - It can't be written: the same; tried again with the next flush.
//
// A crash loses what isn't written yet.
#pragma once

#include "actors/statistics/activity_tree.hpp"
#include "actors/statistics/statistics_store.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"

namespace ie {

struct counts_options {
    std::string path;  // of statistics.db
    keep_times keep{};
    object_bounds bounds;
    const ie::clock* clock = nullptr;  // outlives the keeper
};

class counts_keeper {
  public:
    static constexpr int64_t retry_ms = 5'000;
    static constexpr int64_t set_aside_ms = 60'000;  // from one setting aside to the next

    explicit counts_keeper(counts_options options);
    counts_keeper(counts_keeper&&) = default;
    // What isn't written yet is written now.
    ~counts_keeper();

    void count(const mails_judged& news);

    // Writes what there is; what can't be written now stays and is tried again with the next flush.
    void flush();

    // Those that were ever written, and what isn't yet. Fails: storage_failed.
    outcome<decision_counts> decisions();
    outcome<std::map<int64_t, incoming_sums>> incoming_of(const std::string& account,
                                                          int64_t from_day);
    // What can be covered, and how.
    all_marks marks() const { return store_ ? store_->marks() : all_marks{}; }
    // Of every object, those above it with it. Fails: storage_failed.
    outcome<sums_by_object> sums_of(const time_cover& cover);
    outcome<last_hold> last_hold_of(uint32_t account);

    // As it is now; a report in work keeps the one that it began with.
    std::shared_ptr<const object_names> objects() const { return objects_; }

    void describe(actor_status& status) const;

  private:
    void mend();
    void open();
    void take_over(object_names found);
    bool write(int64_t now_s);
    void forget_idle(int64_t now_s);
    template <class T, class Work>
    outcome<T> from_store(Work&& work);
    void report_error(const error& failure);
    void report_loss();
    void report_damage();

    logger logger_{"statistics"};
    counts_options options_;
    std::unique_ptr<statistics_store> store_;  // null: it can't be opened
    std::shared_ptr<object_names> objects_;
    pending_counts pending_;
    incoming_counts incoming_;  // that aren't written yet
    int64_t open_at_ms_ = 0;    // not before, by the steady clock
    std::string last_error_;
    std::string set_aside_;  // the last, in this life
    int64_t last_upkeep_s_ = -1;
    int64_t last_forgotten_s_ = 0;
    uint64_t lost_ = 0;     // of pending_'s, as far as it is logged
    uint64_t damaged_ = 0;  // of store_'s
};

}  // namespace ie
