// Values of flags: what may stand in them, and the text of the refusal. Pure.
#pragma once

#include <optional>

#include "messages/error.hpp"
#include "messages/limits.hpp"

namespace ie::cli {

inline constexpr int64_t duration_s_max = 100LL * 365 * 24 * 3600;
inline constexpr uint32_t list_limit_max = 100'000;
inline constexpr size_t ids_count_max = 1'000'000;

// `[0-9]+[smhd]` in seconds. Fails: bad_request.
outcome<int64_t> parse_duration(std::string_view text);

// Bounds of a whole number, both of them allowed.
struct range {
    int64_t least = 0;
    int64_t most = 0;
};

// The range must be one of uint32_t's. Fails: bad_request.
outcome<uint32_t> parse_number(std::string_view text, range allowed);

// The same, and -1, which stands for no number at all. Fails: bad_request.
outcome<int64_t> parse_number_or_none(std::string_view text, range allowed);

// A decimal fraction, as it was written. Fails: bad_request.
outcome<std::string> parse_fraction(std::string_view text);

// on|off, and true|false. Fails: bad_request.
outcome<bool> parse_switch(std::string_view text);

// Ids separated by commas or white space, each of them once, in the order given, lower case.
// Fails: bad_request.
outcome<std::vector<mail_id>> parse_ids(std::string_view text);

// The same of sender objects, at least one and no more than one request takes.
// Fails: bad_request, too_large.
outcome<std::vector<object_id>> parse_object_ids(std::string_view text);

// Where to connect: ipc:// or tcp:// and something behind it. Fails: bad_request.
outcome<std::string> parse_endpoint(std::string_view text);

// "spam|winexec": what may stand in an option that takes one of a few words.
std::vector<std::string> choices_of(std::string_view type);

// The seed's other way to name them, in an option's description: "supported values: [a b]".
std::vector<std::string> supported_values(std::string_view description);

// Fails: bad_request, which lists `words`.
error not_one_of(std::string_view text, std::string_view words);

// One of the enum's names. Fails: bad_request.
template <named_enum T>
outcome<T> parse_name(std::string_view text) {
    std::string words;
    size_t at = 0;
    for (const auto name : enum_names(T{})) {
        if (name == text) return static_cast<T>(at);
        words.append(words.empty() ? "" : "|").append(name);
        ++at;
    }
    return not_one_of(text, words);
}

}  // namespace ie::cli
