#include "actors/scanner/circuit_breaker.hpp"

namespace ie {

bool circuit_breaker::allows(int64_t now_ms) {
    if (!open_) return true;
    if (now_ms < retry_at_ms_) return false;
    probing_ = true;
    retry_at_ms_ = now_ms + retry_after_ms_;  // should the probe never come back
    return true;
}

void circuit_breaker::succeeded() {
    failures_ = 0;
    open_ = false;
    probing_ = false;
}

void circuit_breaker::failed(int64_t now_ms) {
    if (open_ && !probing_) return;
    if (!open_ && ++failures_ < failures_max) return;
    open_ = true;
    probing_ = false;
    retry_at_ms_ = now_ms + retry_after_ms_;
}

void circuit_breaker::told_nothing() {
    if (!probing_) return;
    probing_ = false;
    retry_at_ms_ = 0;
}

}  // namespace ie
