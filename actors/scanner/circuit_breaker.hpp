// When to stop asking a service that doesn't answer, and when to try it again: after some failures
// in a row it is left alone for a while; then one request probes it. Pure; times are a monotonic
// clock's milliseconds. What is told about requests from before it opened does no harm.
#pragma once

#include <cstdint>

namespace ie {

class circuit_breaker {
  public:
    static constexpr uint32_t failures_max = 3;  // in a row, until it opens

    explicit circuit_breaker(int64_t retry_after_ms) : retry_after_ms_(retry_after_ms) {}

    // Whether to make a request now. True for one request only where it is the probe.
    bool allows(int64_t now_ms);

    void succeeded();
    void failed(int64_t now_ms);
    // The request ended without telling anything of the service: another one may probe.
    void told_nothing();

    bool is_open() const { return open_; }

  private:
    int64_t retry_after_ms_;
    int64_t retry_at_ms_ = 0;  // where open
    uint32_t failures_ = 0;
    bool open_ = false;
    bool probing_ = false;
};

}  // namespace ie
