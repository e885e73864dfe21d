// The time that limits go by: as even as the steady clock while the engine runs, whatever happens
// to the calendar, and across restarts never ahead of what has passed, as far as can be known.
// Pure.
#pragma once

#include <algorithm>

#include "actors/rate_limiter/journal_record.hpp"

namespace ie {

class limiter_time {
  public:
    // `anchor` and `last_ms`: of the journal, as far as there is one. While the engine was away the
    // calendar's time tells how long; where it went back meanwhile, no time has passed.
    limiter_time(const std::optional<time_anchor>& anchor, int64_t last_ms, int64_t wall_ms,
                 int64_t steady_ms)
        : base_ms_(wall_ms), steady_ms_(steady_ms) {
        if (!anchor) return;
        const int64_t away_ms = std::max<int64_t>(wall_ms - anchor->wall_ms, 0);
        base_ms_ = std::max(last_ms, anchor->at_ms + away_ms);
    }

    int64_t now_ms(int64_t steady_ms) const { return base_ms_ + steady_ms - steady_ms_; }

  private:
    int64_t base_ms_;
    int64_t steady_ms_;
};

}  // namespace ie
