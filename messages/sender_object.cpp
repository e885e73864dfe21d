#include "messages/sender_object.hpp"

#include <charconv>

namespace ie {
namespace {

constexpr size_t dashes[] = {8, 13, 18, 23};
constexpr size_t half_digits = 16;

}  // namespace

object_id to_id(const object_key& key) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const uint64_t half : {key.high, key.low}) {
        for (int shift = 60; shift >= 0; shift -= 4) text += digits[half >> shift & 15];
    }
    for (const size_t at : dashes) text.insert(at, 1, '-');
    return object_id(std::move(text));
}

object_key to_key(std::string_view id) {
    if (!is_uuid(id)) return {};
    std::string digits;
    for (const char c : id) {
        if (c != '-') digits += c;
    }
    object_key key;
    const char* middle = digits.data() + half_digits;
    std::from_chars(digits.data(), middle, key.high, 16);
    std::from_chars(middle, middle + half_digits, key.low, 16);
    return key;
}

}  // namespace ie
