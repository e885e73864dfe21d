#include "actors/supervisor/restart_budget.hpp"

namespace ie {

bool restart_budget::take(int64_t now_ms) {
    while (!taken_.empty() && taken_.front() <= now_ms - window_ms_) taken_.pop_front();
    if (taken_.size() >= restarts_) return false;
    taken_.push_back(now_ms);
    return true;
}

}  // namespace ie
