// JSON of a described struct: an object of its fields, in declared order, enums by name. Text that
// isn't UTF-8 is mended, so that what comes out always is.
#pragma once

#include <nlohmann/json.hpp>

#include "messages/fields.hpp"
#include "messages/ids.hpp"
#include "messages/text.hpp"

namespace ie {

using json = nlohmann::ordered_json;

template <class T>
json json_of(const T& value) {
    if constexpr (std::is_enum_v<T>) {
        return std::string(name_of(value));
    } else if constexpr (is_text_id<T>::value) {
        return valid_utf8(value.value);
    } else if constexpr (is_vector<T>::value) {
        json list = json::array();
        for (const auto& each : value) list.push_back(json_of(each));
        return list;
    } else if constexpr (described<T>) {
        json object = json::object();
        for_each_field(value, [&](std::string_view key, const auto& each) {
            object[std::string(key)] = json_of(each);
        });
        return object;
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
        return valid_utf8(value);
    } else {
        return value;
    }
}

}  // namespace ie
