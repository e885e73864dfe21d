#include "actors/settings/space_rules.hpp"

#include <limits>

#include "messages/text.hpp"

namespace ie {
namespace {

template <class T>
outcome<std::optional<T>> edited_number(std::string_view key, const std::optional<T>& now,
                                        int64_t asked, int64_t max) {
    if (asked == edit_account::unchanged) return now;
    if (asked == edit_account::by_default) return std::optional<T>{};
    if (asked < 0 || asked > max) {
        return fail(error_code::bad_request, std::string(key) + " " + std::to_string(asked) +
                                                 ": it must be from 0 to " + std::to_string(max) +
                                                 ", or -1 for the server's default");
    }
    return std::optional<T>{static_cast<T>(asked)};
}

outcome<space_state> edited_state(space_state now, const std::string& asked) {
    if (asked.empty()) return now;
    for (const auto each : {space_state::active, space_state::block}) {
        if (asked == name_of(each)) return each;
    }
    return fail(error_code::bad_request, "state " +
                                             log_value(std::string_view(asked).substr(0, 80)) +
                                             ": it must be active or block");
}

template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? std::to_string(*value) : "default";
}

}  // namespace

outcome<own_space> edited(const own_space& now, const edit_account& change) {
    const auto limit = edited_number("limit_bytes", now.limit_bytes, change.limit_bytes,
                                     std::numeric_limits<int64_t>::max());
    if (!limit) return limit.failure();
    const auto releases = edited_number("releases_limit", now.releases_limit, change.releases_limit,
                                        std::numeric_limits<uint32_t>::max());
    if (!releases) return releases.failure();
    const auto state = edited_state(now.state, change.state);
    if (!state) return state.failure();
    return own_space{*limit, *releases, *state};
}

std::vector<changed_value> changed_values(const own_space& before, const own_space& after) {
    const changed_value all[] = {
        {"limit_bytes", text_of(before.limit_bytes), text_of(after.limit_bytes)},
        {"releases_limit", text_of(before.releases_limit), text_of(after.releases_limit)},
        {"state", std::string(name_of(before.state)), std::string(name_of(after.state))}};
    std::vector<changed_value> out;
    for (const auto& each : all) {
        if (each.before != each.after) out.push_back(each);
    }
    return out;
}

}  // namespace ie
