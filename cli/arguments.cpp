#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "messages/text.hpp"

namespace ie::cli {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view separators = ", \t\r\n";

error refused(std::string_view text, std::string_view why) {
    constexpr size_t shown_max = 60;  // bytes of what was given
    return fail(error_code::bad_request,
                "'" + std::string(text.substr(0, shown_max)) + "' " + std::string(why));
}

// Nothing where something else than digits stands there, or more than an int64_t holds.
std::optional<int64_t> whole_number(std::string_view text) {
    int64_t value = 0;
    if (text.empty() || text.find_first_not_of(digits) != text.npos) return std::nullopt;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{}) return std::nullopt;
    return value;
}

int64_t seconds_in(char unit) {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3600;
        case 'd':
            return 86'400;
        default:
            return 0;
    }
}

}  // namespace

outcome<int64_t> parse_duration(std::string_view text) {
    const int64_t unit = text.empty() ? 0 : seconds_in(text.back());
    const std::string_view number = text.substr(0, text.empty() ? 0 : text.size() - 1);
    if (unit == 0 || number.empty() || number.find_first_not_of(digits) != number.npos) {
        return refused(
            text, "isn't a duration: write digits and one of s, m, h, d, e.g. 100s, 5m, 1h, 5d");
    }
    const auto count = whole_number(number);
    if (!count || *count > duration_s_max / unit) {
        return refused(text, "is too long: at most 36500d");
    }
    return *count * unit;
}

outcome<uint32_t> parse_number(std::string_view text, range allowed) {
    const auto value = whole_number(text);
    if (!value || *value < allowed.least || *value > allowed.most) {
        return refused(text, "isn't a whole number from " + std::to_string(allowed.least) + " to " +
                                 std::to_string(allowed.most));
    }
    return static_cast<uint32_t>(*value);
}

outcome<std::vector<mail_id>> parse_ids(std::string_view text) {
    std::vector<mail_id> ids;
    std::unordered_set<mail_id> seen;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
        if (text.empty()) return ids;
        const std::string_view word = text.substr(0, text.find_first_of(separators));
        text.remove_prefix(word.size());
        if (!is_uuid(word)) {
            return refused(word, "isn't an email id; 'ie-cli emails list' shows them");
        }
        mail_id id(to_lower(word));
        if (!seen.insert(id).second) continue;
        if (ids.size() == ids_count_max) {
            return fail(error_code::too_large,
                        "more than " + std::to_string(ids_count_max) + " ids: give fewer at once");
        }
        ids.push_back(std::move(id));
    }
}

outcome<std::string> parse_endpoint(std::string_view text) {
    for (const std::string_view scheme : {"ipc://", "tcp://"}) {
        if (text.starts_with(scheme) && text.size() > scheme.size()) return std::string(text);
    }
    return refused(text, "isn't an endpoint: write ipc:///PATH or tcp://HOST:PORT");
}

std::vector<std::string> choices_of(std::string_view type) {
    std::vector<std::string> choices;
    if (type.find('|') == type.npos) return choices;
    while (true) {
        const size_t end = std::min(type.find('|'), type.size());
        choices.emplace_back(type.substr(0, end));
        if (end == type.size()) return choices;
        type.remove_prefix(end + 1);
    }
}

}  // namespace ie::cli
