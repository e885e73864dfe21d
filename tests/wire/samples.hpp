// A value with every field filled, the same in each run: what a field holds follows from its name
// alone, so that one more field changes no other.
#pragma once

#include "messages/error.hpp"
#include "messages/fields.hpp"
#include "messages/hold_reason.hpp"
#include "messages/ids.hpp"

namespace ie::testing {

// FNV-1a.
constexpr uint64_t hash_of(std::string_view text) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    return hash;
}

template <class T>
void fill(std::string_view name, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        value = true;
    } else if constexpr (std::is_same_v<T, error_code>) {
        value = error_code::too_large;  // the last one when the files of version 1 were written
    } else if constexpr (std::is_same_v<T, hold_reason>) {
        value = hold_reason::ratelimit;  // likewise
    } else if constexpr (std::is_enum_v<T>) {
        value = static_cast<T>(enum_names(T{}).size() - 1);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
        value = -static_cast<T>(hash_of(name) >> 33);
    } else if constexpr (std::is_integral_v<T>) {
        value = static_cast<T>(hash_of(name));
    } else if constexpr (std::is_floating_point_v<T>) {
        value = static_cast<double>(hash_of(name) % 1000) + 0.25;
    } else if constexpr (is_text_id<T>::value) {
        fill(name, value.value);
    } else if constexpr (is_vector<T>::value) {
        value.resize(2);
        for (auto& each : value) fill(name, each);
    } else if constexpr (described<T>) {
        for_each_field(value, [](std::string_view inner, auto& member) { fill(inner, member); });
    } else {
        value = "a " + std::string(name) + " \xc3\xa9\n";
    }
}

template <described T>
T sample() {
    T value;
    fill("", value);
    return value;
}

}  // namespace ie::testing
