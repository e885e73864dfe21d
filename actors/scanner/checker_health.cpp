#include "actors/scanner/checker_health.hpp"

#include <ctime>

namespace ie {
namespace {

std::string utc(int64_t now_ms) {
    const auto seconds = static_cast<time_t>(now_ms / 1000);
    tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

checker_health::change checker_health::learn(const check_result& result, int64_t steady_ms,
                                             int64_t now_ms) {
    const bool was_lost = is_lost();
    if (result.fault == check_fault::none) {
        breaker_.succeeded();
        fault_ = check_fault::none;
        return was_lost ? change::back : change::none;
    }
    last_error_ = std::string(name_of(result.fault)) + ": " + result.what;
    if (!speaks_against_checker(result.fault)) {
        breaker_.told_nothing();
        return change::none;
    }
    breaker_.failed(steady_ms);
    fault_ = result.fault;
    if (was_lost) return change::none;
    lost_at_ms_ = now_ms;
    return change::lost;
}

std::string checker_health::detail() const {
    if (!is_lost()) return "judged by Rspamd";
    return "Rspamd is " +
           std::string(fault_ == check_fault::garbage ? "talking garbage" : name_of(fault_)) +
           " since " + utc(lost_at_ms_) + ": judged by own rules";
}

}  // namespace ie
