// `key=value` pairs of a described struct for a log line, in declared order; lists by their size.
#pragma once

#include <cstdio>

#include "messages/fields.hpp"
#include "messages/ids.hpp"
#include "messages/text.hpp"

namespace ie {

template <class T>
std::string log_text(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
        return std::string(name_of(value));
    } else if constexpr (is_text_id<T>::value) {
        return log_value(value.value);
    } else if constexpr (std::is_floating_point_v<T>) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.2f", static_cast<double>(value));
        return digits;
    } else if constexpr (std::is_integral_v<T>) {
        return std::to_string(value);
    } else {
        return log_value(value);
    }
}

template <described T>
std::string log_keys(const T& object) {
    std::string out;
    for_each_field(object, [&](std::string_view key, const auto& value) {
        using value_type = std::remove_cvref_t<decltype(value)>;
        if (!out.empty()) out += ' ';
        if constexpr (is_vector<value_type>::value) {
            out += std::string(key) + "_count=" + std::to_string(value.size());
        } else if constexpr (described<value_type>) {
            out += log_keys(value);
        } else {
            out += std::string(key) + "=" + log_text(value);
        }
    });
    return out;
}

}  // namespace ie
