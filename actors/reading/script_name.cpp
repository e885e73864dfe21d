#include "actors/reading/script_name.hpp"

#include <algorithm>

#include "messages/text.hpp"

namespace ie {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view script_file(std::string_view name) {
    constexpr std::string_view behind_line = ") : ";
    for (size_t at = name.find('('); at != name.npos; at = name.find('(', at + 1)) {
        const size_t end = name.find(behind_line, at);
        if (end == name.npos) break;
        if (is_number(name.substr(at + 1, end - at - 1))) return trimmed(name.substr(0, at));
    }
    return trimmed(name);
}

std::string_view script_place(std::string_view value) {
    constexpr std::string_view who = " for";
    const std::string_view place = trimmed(value.substr(0, value.find(" for ")));
    return place.ends_with(who) ? trimmed(place.substr(0, place.size() - who.size())) : place;
}

std::string_view without_port(std::string_view host) {
    const size_t colon = host.rfind(':');
    return colon != host.npos && is_number(host.substr(colon + 1)) ? host.substr(0, colon) : host;
}

}  // namespace ie
