// Bytes in hexadecimal, and back. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ie {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

// 0 to 15, of either case; -1: no such digit.
constexpr int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

// Lower case.
std::string to_hex(std::string_view bytes);
// Nothing where it isn't two digits, of either case, for each byte.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace ie
