// What one sender object has sent within a span of time, as a log of runs: one for each second in
// which something was sent, with its counts. Exact to a second, and never to the sender's gain: all
// that was sent within one second counts until the span is over for the last of it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "actors/rate_limiter/chunks.hpp"

namespace ie {

// A span within which sending is limited. To have another one means another line of these.
struct window_rule {
    int64_t span_ms = 0;
    int64_t grain_ms = 0;  // what is sent within one such is one run
};

struct sent_counts {
    uint64_t messages = 0;
    uint64_t recipients = 0;

    friend bool operator==(const sent_counts&, const sent_counts&) = default;
};

// Times are kept in 32 bits: whoever uses a window sees to it that none is 2^31 ms (24 days) old.
struct sent_run {
    uint32_t last_ms = 0;  // of what was sent in this run
    uint32_t messages = 0;
    uint32_t recipients = 0;
};

// Where runs are that a window has no room for. Shared by all windows; blocks are used again.
class run_pool {
  public:
    static constexpr uint32_t none = UINT32_MAX;
    static constexpr uint8_t block_runs = 4;
    struct block {
        std::array<sent_run, block_runs> runs;
        uint32_t older = none;
        uint32_t newer = none;
    };

    uint32_t take();
    void give_back(uint32_t at);
    block& operator[](uint32_t at) { return blocks_[at]; }
    void clear();

  private:
    chunks<block> blocks_;
    uint32_t free_ = none;  // chained by `newer`
};

// The two newest runs are inside, most objects have no more; older ones are in the pool.
// `now_ms` never goes back from one call to the next.
class sliding_window {
  public:
    // Forgets what is older than the span and gives what is left.
    sent_counts count(const window_rule& rule, int64_t now_ms, run_pool& pool);

    void add(const window_rule& rule, int64_t now_ms, uint32_t recipients, run_pool& pool);

    // One mail less, of those that were sent at that time; nothing where it counts no more.
    void take_back(const window_rule& rule, int64_t sent_ms, uint32_t recipients, int64_t now_ms,
                   run_pool& pool);

    void clear(run_pool& pool);
    bool empty() const { return inner_runs_ == 0; }

  private:
    const sent_run& oldest(run_pool& pool) const;
    void drop_oldest(run_pool& pool);
    void move_to_pool(const sent_run& run, run_pool& pool);
    sent_run* find(const window_rule& rule, int64_t sent_ms, int64_t now_ms, run_pool& pool);

    uint64_t recipients_ = 0;
    uint32_t messages_ = 0;
    uint32_t oldest_ms_ = 0;         // of the oldest run: mostly all that has to be looked at
    std::array<sent_run, 2> inner_;  // the older one first
    uint32_t oldest_block_ = run_pool::none;
    uint32_t newest_block_ = run_pool::none;
    uint8_t inner_runs_ = 0;
    uint8_t begin_ = 0;  // first run in use of the oldest block
    uint8_t end_ = 0;    // behind the last one in use of the newest block
};

}  // namespace ie
