#include "actors/reading/lenient_base64.hpp"

#include <array>
#include <cstdint>

namespace ie {
namespace {

constexpr int8_t none = -1;

constexpr std::array<int8_t, 256> values = [] {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<int8_t, 256> out{};
    out.fill(none);
    for (size_t i = 0; i < digits.size(); ++i) {
        out[static_cast<uint8_t>(digits[i])] = static_cast<int8_t>(i);
    }
    out['-'] = out['+'];
    out['_'] = out['/'];
    return out;
}();

}  // namespace

std::string from_lenient_base64(std::string_view text, bool padding_ends_group) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int8_t value = values[static_cast<uint8_t>(c)];
        if (c == '=' && padding_ends_group) count = 0;
        if (value == none) continue;
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xFF);
    }
    return out;
}

}  // namespace ie
