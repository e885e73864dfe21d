#include "messages/sender_object.hpp"

#include "messages/hex.hpp"

namespace ie {
namespace {

constexpr size_t dashes[] = {8, 13, 18, 23};
constexpr size_t half_digits = 16;

}  // namespace

object_id to_id(const object_key& key) {
    std::string text;
    for (const uint64_t half : {key.high, key.low}) {
        for (int shift = 60; shift >= 0; shift -= 4) text += hex_digits[half >> shift & 15];
    }
    for (const size_t at : dashes) text.insert(at, 1, '-');
    return object_id(std::move(text));
}

object_key to_key(std::string_view id) {
    if (!is_uuid(id)) return {};
    object_key key;
    size_t digits = 0;
    for (const char c : id) {
        if (c == '-') continue;
        uint64_t& half = digits++ < half_digits ? key.high : key.low;
        half = half << 4 | static_cast<uint64_t>(hex_value(c));
    }
    return key;
}

}  // namespace ie
