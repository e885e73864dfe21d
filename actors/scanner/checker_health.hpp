// What the scanner knows of Rspamd's health: whether to ask it, and what to tell an operator. Pure.
#pragma once

#include "actors/scanner/circuit_breaker.hpp"
#include "actors/scanner/spam_checker.hpp"

namespace ie {

class checker_health {
  public:
    enum class change : uint8_t { none, lost, back };

    explicit checker_health(int64_t retry_after_ms) : breaker_(retry_after_ms) {}

    bool may_ask(int64_t steady_ms) { return breaker_.allows(steady_ms); }

    // `now_ms`: Unix time.
    change learn(const check_result& result, int64_t steady_ms, int64_t now_ms);

    bool is_lost() const { return fault_ != check_fault::none; }
    const std::string& last_error() const { return last_error_; }
    std::string detail() const;  // one line for an operator

  private:
    circuit_breaker breaker_;
    check_fault fault_ = check_fault::none;  // since the last reply
    int64_t lost_at_ms_ = 0;                 // Unix time
    std::string last_error_;
};

}  // namespace ie
