// Text from outside, made fit for a log, a terminal or JSON. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ie {

// ASCII only: bytes above 0x7f compare as they are.
bool equal_ignoring_case(std::string_view left, std::string_view right);
std::string to_lower(std::string_view text);

// Without the spaces, tabs and line ends at either end.
std::string_view trimmed(std::string_view text);

bool is_valid_utf8(std::string_view text);

// One character, which is no surrogate and at most U+10FFFF.
void append_utf8(std::string& out, char32_t code);

// The text with each byte sequence that isn't UTF-8 (RFC 3629) replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// One line for a terminal: valid UTF-8 in which control characters, line and paragraph separators
// and the marks that change the direction of writing stand as \n, \t, \xNN or \u{NNNN}. What joins
// letters (U+200C, U+200D) is written as Persian, Hindi and emoji need it. A backslash stays one:
// the result is to be read, not to be turned back.
std::string printable(std::string_view text);

// The system's own words for an errno. Thread-safe, as strerror needn't be.
std::string errno_text(int code);

// Quotes and escapes a log value unless it is plain: one or more of A-Z a-z 0-9 and -._:/@+<>.
std::string log_value(std::string_view text);

}  // namespace ie
