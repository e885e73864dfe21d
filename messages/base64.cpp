#include "messages/base64.hpp"

#include <array>
#include <cstdint>

namespace ie {
namespace {

constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t no_digit = 0xFF;

constexpr std::array<uint8_t, 256> digits = [] {
    std::array<uint8_t, 256> table{};
    table.fill(no_digit);
    for (uint8_t i = 0; i < 64; ++i) {
        table[static_cast<uint8_t>(standard[i])] = i;
        table[static_cast<uint8_t>(url_safe[i])] = i;
    }
    return table;
}();

std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string out;
    out.reserve(bytes.size() / 3 * 4 + 4);
    uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<uint8_t>(c);
        for (held += 8; held >= 6; held -= 6) out += alphabet[(bits >> (held - 6)) & 63];
    }
    if (held > 0) out += alphabet[(bits << (6 - held)) & 63];
    return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out = encode(bytes, standard);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string base64url(std::string_view bytes) {
    return encode(bytes, url_safe);
}

std::optional<std::string> from_base64(std::string_view text) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const uint8_t digit = digits[static_cast<uint8_t>(c)];
        if (digit == no_digit) return std::nullopt;
        bits = (bits << 6) | digit;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>((bits >> held) & 0xFF);
    }
    return out;
}

}  // namespace ie
