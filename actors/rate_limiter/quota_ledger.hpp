// What every sender object has sent in the windows that are limited, and the one decision that
// follows from it: is there room for this mail in each of its objects? Checks all of them before it
// counts any. Pure: time comes as an argument and never goes back from one call to the next.
#pragma once

#include <functional>
#include <unordered_map>

#include "actors/rate_limiter/object_table.hpp"
#include "actors/rate_limiter/sliding_window.hpp"
#include "messages/limits.hpp"

namespace ie {

// How many objects of one account have names of their own at a time.
struct name_bounds {
    uint32_t domains = 1'000;
    uint32_t addresses = 1'000;
    uint32_t scripts = 1'000;
};

// What limits hold while one mail is looked at.
struct limit_rules {
    limit_mode mode = limit_mode::messages;
    bool limited = true;  // false: only counts
    // In force for that object in that window, by the order of the ledger's; 0: unlimited.
    std::function<uint32_t(size_t window, sender_kind kind, const object_key& key)> limit_of;
    // Objects that an administrator has set a limit for always keep their names.
    std::function<bool(const object_key& key)> has_own_limit;
};

class quota_ledger {
  public:
    // How long an object that sends nothing more keeps its name.
    static constexpr int64_t name_kept_ms = 24LL * 3600 * 1000;

    quota_ledger(std::vector<window_rule> windows, name_bounds bounds);

    // Counts the mail where it has room. A bounce is counted for its account and has room always; a
    // whitelisted mail isn't counted at all.
    quota_verdict reserve(const reserve_quota& mail, const limit_rules& rules, int64_t now_ms);

    // Counts what has room in each of the objects, and nothing else: what it has no room in comes
    // back, without the objects' names.
    std::vector<limit_hit> charge(const object_keys& keys, uint32_t recipients,
                                  const limit_rules& rules, int64_t now_ms);

    // Counts without asking, as a mail that was reserved before.
    void count(const quota_reservation& reservation, int64_t now_ms);

    void give_back(const quota_reservation& reservation, int64_t now_ms);

    // In the first window.
    sent_counts usage(const object_key& key, int64_t now_ms);

    // In all windows; gives what it was in the first.
    sent_counts forget(const object_key& key, int64_t now_ms);

    // Looks at that many objects, in turn, and drops those that sent nothing for name_kept_ms.
    void sweep(int64_t now_ms, size_t steps);

    // For a caller who knows what he will ask about next.
    void prefetch(const object_keys& keys) const;

    size_t size() const { return table_.size(); }
    int64_t longest_span_ms() const { return longest_span_ms_; }

  private:
    using named_counts = std::array<uint32_t, sender_kinds>;
    // A mail's objects, in the order of sender_kind; `none` where there is none.
    using places = std::array<uint32_t, sender_kinds>;

    void step_to(int64_t now_ms);
    void name_objects(sender_objects& owner, object_keys& keys, const limit_rules& rules) const;
    bool may_be_named(uint32_t account, sender_kind kind, const object_key& key,
                      const limit_rules& rules) const;
    uint32_t account_index(const object_key& account);
    uint32_t bound_of(sender_kind kind) const;
    uint32_t add_object(const object_key& key, sender_kind kind, uint32_t account, bool named);
    places places_of(const object_keys& keys, const sender_objects* owner, int64_t now_ms);
    std::vector<limit_hit> charge(const places& at, uint32_t recipients, const limit_rules& rules,
                                  int64_t now_ms);
    std::vector<limit_hit> hits_of(const places& at, uint32_t recipients, const limit_rules& rules,
                                   int64_t now_ms);
    void add(const places& at, uint32_t recipients, int64_t now_ms);
    void drop(uint32_t place);
    sliding_window& window(uint32_t place, size_t number) {
        if (number == 0) return table_[place].window;
        return more_windows_[place * (rules_.size() - 1) + number - 1];
    }

    std::vector<window_rule> rules_;
    name_bounds bounds_;
    int64_t longest_span_ms_ = 0;
    int64_t last_ms_ = 0;
    object_table table_;
    chunks<sliding_window> more_windows_;  // by place, all but the first
    run_pool pool_;
    std::unordered_map<object_key, uint32_t, object_key_hash> account_indexes_;
    std::vector<named_counts> accounts_;
    size_t sweep_at_ = 0;
};

}  // namespace ie
