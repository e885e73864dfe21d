// How often failed actors may be started again before the engine gives up and leaves it to systemd
// to start the whole process anew. Pure.
#pragma once

#include <cstdint>
#include <deque>

namespace ie {

class restart_budget {
  public:
    // At most `restarts` within any `window_ms`.
    restart_budget(uint32_t restarts, int64_t window_ms)
        : restarts_(restarts), window_ms_(window_ms) {}

    // Takes one restart at this time; false where none is left. `now_ms` never goes backwards.
    bool take(int64_t now_ms);

  private:
    uint32_t restarts_;
    int64_t window_ms_;
    std::deque<int64_t> taken_;
};

}  // namespace ie
