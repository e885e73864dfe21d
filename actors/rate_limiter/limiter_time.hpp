// The time that limits go by: as even as the steady clock while the engine runs, whatever happens
// to the calendar, and across restarts never ahead of what has passed, as far as can be known.
// Pure.
#pragma once

#include <algorithm>

#include "actors/rate_limiter/journal_record.hpp"

namespace ie {

class limiter_time {
  public:
    // `anchor` and `last_ms`: of the journal, as far as there is one. How long the engine was away
    // is known exactly within one boot of the machine; over a reboot the calendar tells, and where
    // that went back meanwhile, no time has passed.
    limiter_time(const std::optional<time_anchor>& anchor, int64_t last_ms, int64_t wall_ms,
                 int64_t steady_ms, const boot_time& boot = {})
        : base_ms_(wall_ms), steady_ms_(steady_ms) {
        if (anchor) base_ms_ = std::max(last_ms, anchor->at_ms + away_ms(*anchor, wall_ms, boot));
    }

    int64_t now_ms(int64_t steady_ms) const { return base_ms_ + steady_ms - steady_ms_; }

  private:
    // (A machine that was put back to a snapshot has the same boot at an earlier time.)
    static int64_t away_ms(const time_anchor& anchor, int64_t wall_ms, const boot_time& boot) {
        const bool is_exact = boot.is_same_boot(anchor.boot) && boot.ms >= anchor.boot.ms;
        return is_exact ? boot.ms - anchor.boot.ms : std::max<int64_t>(wall_ms - anchor.wall_ms, 0);
    }

    int64_t base_ms_;
    int64_t steady_ms_;
};

}  // namespace ie
