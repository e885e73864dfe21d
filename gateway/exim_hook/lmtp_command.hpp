// One command line of LMTP (RFC 2033, RFC 5321 section 4.1.2), taken apart. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "messages/fields.hpp"

namespace ie {

enum class lmtp_verb : uint8_t { unknown, lhlo, mail, rcpt, data, rset, noop, quit };
constexpr auto enum_names(lmtp_verb) {
    return std::array<std::string_view, 8>{"unknown", "lhlo", "mail", "rcpt",
                                           "data",    "rset", "noop", "quit"};
}

struct lmtp_command {
    lmtp_verb verb = lmtp_verb::unknown;
    std::string_view argument;
};

lmtp_command read_lmtp_command(std::string_view line);

// What stands between the angle brackets of `FROM:<…>` or `TO:<…>`, exactly as written: a quoted
// local part may hold a bracket. `keyword` is FROM or TO; parameters after it are passed over.
std::optional<std::string_view> path_in(std::string_view argument, std::string_view keyword);

}  // namespace ie
