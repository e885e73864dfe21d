#include "messages/ids.hpp"

#include <algorithm>

#include "messages/hex.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_uuid(std::string_view text) {
    constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(),
                      [](char c, char s) { return s == '-' ? c == '-' : hex_value(c) >= 0; });
}

std::optional<mail_id> mail_id_of(std::string_view text) {
    if (!is_uuid(text)) return std::nullopt;
    return mail_id(to_lower(text));
}

bool is_queue_id(std::string_view text) {
    constexpr size_t size_min = 16;
    constexpr size_t size_max = 23;
    return text.size() >= size_min && text.size() <= size_max &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-'; }) &&
           text.front() != '-' && text.back() != '-';
}

}  // namespace ie
