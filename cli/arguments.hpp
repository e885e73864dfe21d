// Values of flags: what may stand in them, and the text of the refusal. Pure.
#pragma once

#include <optional>

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie::cli {

inline constexpr int64_t duration_s_max = 100LL * 365 * 24 * 3600;
inline constexpr uint32_t list_limit_max = 100'000;
inline constexpr size_t ids_count_max = 1'000'000;

// `[0-9]+[smhd]` in seconds. Fails: bad_request.
outcome<int64_t> parse_duration(std::string_view text);

// Bounds of a whole number, both of them allowed.
struct range {
    uint32_t least = 0;
    uint32_t most = 0;
};

// Fails: bad_request.
outcome<uint32_t> parse_number(std::string_view text, range allowed);

// Ids separated by commas or white space, each of them once, in the order given, lower case.
// Fails: bad_request.
outcome<std::vector<mail_id>> parse_ids(std::string_view text);

// Where to connect: ipc:// or tcp:// and something behind it. Fails: bad_request.
outcome<std::string> parse_endpoint(std::string_view text);

// "spam|winexec": what may stand in an option that takes one of a few words.
std::vector<std::string> choices_of(std::string_view type);

}  // namespace ie::cli
