#include "actors/reading/html_references.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "actors/reading/charset.hpp"
#include "messages/hex.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

struct named_reference {
    std::string_view name;  // without &, with the semicolon where it has one
    std::string_view text;
};

// Sorted by name.
constexpr named_reference named[] = {
#include "html_references.inc"
};
static_assert(std::ranges::is_sorted(named, {}, &named_reference::name));

constexpr size_t name_bytes_max = [] {
    size_t longest = 0;
    for (const auto& each : named) longest = std::max(longest, each.name.size());
    return longest;
}();

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The longest that stands there.
html_reference by_name(std::string_view rest) {
    const size_t window = std::min(rest.size(), name_bytes_max);
    size_t size = 0;
    while (size < window && is_alphanumeric(rest[size])) ++size;
    if (size < window && rest[size] == ';') ++size;
    for (; size > 1; --size) {
        const std::string_view name = rest.substr(0, size);
        const auto* found = std::ranges::lower_bound(named, name, {}, &named_reference::name);
        if (found != std::end(named) && found->name == name) {
            return {std::string(found->text), 1 + size};
        }
    }
    return {};
}

// 128 to 159 are taken for windows-1252, as browsers do.
std::string text_of_code(uint32_t code) {
    if (code >= 0x80 && code < 0xA0) {
        const char byte = static_cast<char>(code);
        return text_of({&byte, 1}, "windows-1252");
    }
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    std::string out;
    append_utf8(out, code == 0 || code > 0x10FFFF || is_surrogate ? 0xFFFD : code);
    return out;
}

html_reference by_number(std::string_view rest) {
    const bool hex = rest.size() > 1 && (rest[1] == 'x' || rest[1] == 'X');
    const size_t begin = hex ? 2 : 1;
    constexpr uint32_t too_large = 0x110000;
    uint32_t code = 0;
    size_t at = begin;
    for (; at < rest.size(); ++at) {
        const int digit = hex_value(rest[at]);
        if (digit < 0 || (!hex && digit > 9)) break;
        code = std::min(too_large, code * (hex ? 16 : 10) + static_cast<uint32_t>(digit));
    }
    if (at == begin) return {};
    if (at < rest.size() && rest[at] == ';') ++at;
    return {text_of_code(code), 1 + at};
}

}  // namespace

html_reference first_reference(std::string_view html) {
    const std::string_view rest = html.substr(1);
    return rest.starts_with('#') ? by_number(rest) : by_name(rest);
}

}  // namespace ie
