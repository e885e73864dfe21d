// What a filter of held mails may say. Pure.
#pragma once

#include <optional>

#include "messages/quarantine.hpp"

namespace ie {

// The parts of a filter that aren't texts.
struct filter_bounds {
    std::optional<int64_t> since_ms;  // Unix time, inclusive
    std::optional<int64_t> until_ms;  // Unix time, exclusive
    std::optional<hold_reason> reason;
};

// Fails: bad_request (an unknown reason, a text beyond its bound, what can't be a time).
outcome<filter_bounds> check(const mail_filter& filter);

}  // namespace ie
