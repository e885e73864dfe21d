#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
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

std::optional<int64_t> number_in(std::string_view text, range allowed) {
    const auto value = whole_number(text);
    return value && *value >= allowed.least && *value <= allowed.most ? value : std::nullopt;
}

std::string text_of(range allowed) {
    return "a whole number from " + std::to_string(allowed.least) + " to " +
           std::to_string(allowed.most);
}

template <class Id>
outcome<std::vector<Id>> parse_uuids(std::string_view text, size_t most, std::string_view why) {
    std::vector<Id> ids;
    std::unordered_set<Id> seen;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
        if (text.empty()) return ids;
        const std::string_view word = text.substr(0, text.find_first_of(separators));
        text.remove_prefix(word.size());
        if (!is_uuid(word)) return refused(word, why);
        Id id(to_lower(word));
        if (!seen.insert(id).second) continue;
        if (ids.size() == most) {
            return fail(error_code::too_large,
                        "more than " + std::to_string(most) + " ids: give fewer at once");
        }
        ids.push_back(std::move(id));
    }
}

// The words between `separator`s.
std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> words;
    while (true) {
        const size_t end = std::min(text.find(separator), text.size());
        words.emplace_back(text.substr(0, end));
        if (end == text.size()) return words;
        text.remove_prefix(end + 1);
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
    const auto value = number_in(text, allowed);
    if (value) return static_cast<uint32_t>(*value);
    return refused(text, "isn't " + text_of(allowed));
}

outcome<int64_t> parse_number_or_none(std::string_view text, range allowed) {
    if (text == "-1") return -1;
    const auto value = number_in(text, allowed);
    if (value) return *value;
    return refused(text, "isn't -1 or " + text_of(allowed));
}

outcome<std::string> parse_fraction(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (read.ec == std::errc{} && read.ptr == end && std::isfinite(value)) return std::string(text);
    return refused(text, "isn't a number, e.g. 6.0");
}

outcome<bool> parse_switch(std::string_view text) {
    if (text == "on" || text == "true") return true;
    if (text == "off" || text == "false") return false;
    return not_one_of(text, "on|off");
}

outcome<std::vector<mail_id>> parse_ids(std::string_view text) {
    return parse_uuids<mail_id>(text, ids_count_max,
                                "isn't an email id; 'ie-cli emails list' shows them");
}

outcome<std::vector<object_id>> parse_object_ids(std::string_view text) {
    auto ids =
        parse_uuids<object_id>(text, change_limits::ids_max,
                               "isn't the id of a sender object; 'ie-cli am stats' shows them");
    if (ids && ids->empty()) return fail(error_code::bad_request, "no id there");
    return ids;
}

outcome<std::string> parse_endpoint(std::string_view text) {
    for (const std::string_view scheme : {"ipc://", "tcp://"}) {
        if (text.starts_with(scheme) && text.size() > scheme.size()) return std::string(text);
    }
    return refused(text, "isn't an endpoint: write ipc:///PATH or tcp://HOST:PORT");
}

std::vector<std::string> choices_of(std::string_view type) {
    if (type.find('|') == type.npos) return {};
    return split(type, '|');
}

std::vector<std::string> supported_values(std::string_view description) {
    constexpr std::string_view start = "supported values: [";
    if (!description.starts_with(start) || !description.ends_with(']')) return {};
    description.remove_prefix(start.size());
    description.remove_suffix(1);
    return split(description, ' ');
}

error not_one_of(std::string_view text, std::string_view words) {
    return refused(text, "isn't one of " + std::string(words));
}

}  // namespace ie::cli
