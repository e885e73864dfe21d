#include "actors/quarantine/search/filter_rules.hpp"

#include <algorithm>
#include <limits>

namespace ie {
namespace {

constexpr size_t text_bytes_max = 1'000;

bool is_time(int64_t at_s) {
    return at_s >= 0 && at_s <= std::numeric_limits<int64_t>::max() / 1000;
}

std::optional<int64_t> bound_ms(int64_t at_s) {
    if (at_s == 0) return std::nullopt;
    return at_s * 1000;
}

}  // namespace

outcome<filter_bounds> check(const mail_filter& filter) {
    if (!is_time(filter.since_s) || !is_time(filter.until_s)) {
        return fail(error_code::bad_request, "since_s, until_s: not a time");
    }
    for (const auto* text : {&filter.sender, &filter.recipient, &filter.subject, &filter.script}) {
        if (text->size() <= text_bytes_max) continue;
        return fail(error_code::bad_request, "a filter's text may have at most " +
                                                 std::to_string(text_bytes_max) + " bytes");
    }
    filter_bounds bounds{bound_ms(filter.since_s), bound_ms(filter.until_s), std::nullopt};
    if (filter.reason.empty()) return bounds;
    const auto names = enum_names(hold_reason{});
    const auto found = std::find(names.begin(), names.end(), filter.reason);
    if (found == names.end()) {
        return fail(error_code::bad_request, "reason must be " + all_reason_names(", ", " or "));
    }
    bounds.reason = static_cast<hold_reason>(found - names.begin());
    return bounds;
}

}  // namespace ie
