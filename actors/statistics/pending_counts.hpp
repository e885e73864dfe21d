// What was counted and isn't on the disk yet. Bounded: while the disk refuses for hours, moments
// are put together to minutes, those to hours and days; if that isn't enough, mails aren't counted
// for their senders any more, which is told (`lost`). Where an account has no room for another name
// in the table of objects, what is new is counted under `other`; where the table is full, for its
// domain or account only (`unnamed`). Decisions are counted for the server in any case. Pure.
#pragma once

#include <map>
#include <unordered_map>

#include "actors/statistics/cover.hpp"
#include "actors/statistics/leaf_counts.hpp"
#include "actors/statistics/object_names.hpp"
#include "messages/activity.hpp"
#include "messages/scan.hpp"

namespace ie {

// Decisions of one day and kind.
struct daily_key {
    int64_t day = 0;  // Unix time / 86400
    mail_direction direction = mail_direction::outgoing;
    verdict_action action = verdict_action::accept;
    uint32_t reasons = 0;  // bit n: hold_reason n

    auto operator<=>(const daily_key&) const = default;
};

struct daily_sums {
    uint64_t messages = 0;
    uint64_t recipients = 0;
    uint64_t size_bytes = 0;
};

// A leaf's counts at a moment.
struct pending_row {
    int64_t at_s = 0;  // Unix time; the beginning of its minute, hour or day once put together
    block_row leaf;
};

// What the mail adds to the counts of its address and its script.
leaf_counts counts_of(const mail_judged& mail);

class pending_counts {
  public:
    static constexpr size_t rows_max_default = 400'000;  // of 80 bytes

    explicit pending_counts(size_t rows_max = rows_max_default) : rows_max_(rows_max) {}

    // Numbers the mail's objects if they are new.
    void count(const mail_judged& mail, object_names& objects);

    // Ordered by time and object, each pair once.
    const std::vector<pending_row>& sorted_rows();
    // In any order, and perhaps with several rows for one pair.
    const std::vector<pending_row>& rows() const { return rows_; }
    const std::map<daily_key, daily_sums>& daily() const { return daily_; }
    const std::unordered_map<uint32_t, last_hold>& last_holds() const { return last_holds_; }

    bool empty() const { return daily_.empty(); }
    uint64_t mails() const { return mails_; }
    uint64_t lost() const { return lost_; }         // ever, for want of room
    uint64_t unnamed() const { return unnamed_; }   // ever
    int64_t exact_to_s() const { return step_s_; }  // 1 unless moments were put together

    // Once all of it is on the disk.
    void clear();

    // Objects have other numbers now, by their old ones; what is counted for one that has none (0)
    // is lost.
    void renumber(const std::vector<uint32_t>& numbers);

  private:
    void count_leaf(int64_t at_s, uint32_t object, const leaf_counts& counts);
    bool make_room();
    void fold();

    size_t rows_max_;
    std::vector<pending_row> rows_;
    std::map<daily_key, daily_sums> daily_;
    std::unordered_map<uint32_t, last_hold> last_holds_;  // by account
    int64_t step_s_ = 1;
    bool full_ = false;
    uint64_t mails_ = 0;
    uint64_t lost_ = 0;
    uint64_t unnamed_ = 0;
};

}  // namespace ie
