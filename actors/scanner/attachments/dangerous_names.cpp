#include "actors/scanner/attachments/dangerous_names.hpp"

#include <algorithm>

#include "actors/gmime_handle.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t name_bytes_max = 4'096;  // of its end; longer ones no system takes

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<uint8_t>(c) < 128; });
}

// Marks of direction, joiners, variation selectors, tags: all that Unicode lets be ignored.
bool is_invisible(gunichar c) {
    return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 ||
           (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0000 && c <= 0xe0fff) ||
           g_unichar_type(c) == G_UNICODE_FORMAT;
}

bool is_dot_lookalike(gunichar c) {
    return c == 0x3002 || c == 0xff61 || c == 0x0701 || c == 0x0702 || c == 0xa4f8 ||
           c == 0x10a50 || c == 0x1d16d;
}

// Compatibility forms (fullwidth, one-dot leader, no-break space) as their plain ones.
std::string plain_form(std::string_view name) {
    if (is_ascii(name)) return std::string(name);
    const std::string valid = valid_utf8(name);
    const glib_text normal(
        g_utf8_normalize(valid.data(), static_cast<gssize>(valid.size()), G_NORMALIZE_ALL_COMPOSE));
    if (!normal) return valid;
    std::string out;
    const char* next = nullptr;
    for (const char* at = normal.get(); *at != '\0'; at = next) {
        next = g_utf8_next_char(at);
        const gunichar c = g_utf8_get_char(at);
        if (is_invisible(c)) continue;
        if (is_dot_lookalike(c)) {
            out += '.';
        } else {
            out.append(at, next);
        }
    }
    return out;
}

std::string_view without_path(std::string_view name) {
    const size_t at = name.find_last_of("/\\");
    return at == std::string_view::npos ? name : name.substr(at + 1);
}

// What a client or Windows drops at the end; '?' stands for what a converter didn't know.
std::string_view without_tail(std::string_view name) {
    constexpr std::string_view dropped = " .\t\r\n\"';,?";
    const size_t last = name.find_last_not_of(dropped);
    return last == std::string_view::npos ? std::string_view{} : name.substr(0, last + 1);
}

std::string without_controls(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (static_cast<uint8_t>(c) >= 0x20 && c != 0x7f) out += c;
    }
    return out;
}

std::string_view last_extension(std::string_view name) {
    name = without_tail(without_path(without_tail(name)));
    const size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

std::string_view end_of(std::string_view name) {
    return name.size() > name_bytes_max ? name.substr(name.size() - name_bytes_max) : name;
}

bool is_class_id(std::string_view extension) {
    constexpr size_t class_id_size = 38;
    return extension.size() == class_id_size && extension.front() == '{' && extension.back() == '}';
}

}  // namespace

std::string extension_of(std::string_view name) {
    return to_lower(last_extension(without_controls(plain_form(end_of(name)))));
}

dangerous_names::dangerous_names(const std::vector<std::string>& extensions)
    : extensions_(extensions.begin(), extensions.end()) {}

bool dangerous_names::has(std::string_view extension) const {
    return extensions_.contains(std::string(extension));
}

// A NUL ends a name for some, a colon begins the name of a stream for Windows.
bool dangerous_names::match(std::string_view name) const {
    const auto is_bad = [this](std::string_view each) {
        const std::string extension = extension_of(each);
        return has(extension) || is_class_id(extension);
    };
    if (is_bad(name)) return true;
    name = end_of(name);
    constexpr std::string_view ends("\0:", 2);
    const size_t end = name.find_last_of(ends);
    return end != std::string_view::npos &&
           (is_bad(name.substr(0, name.find_first_of(ends))) || is_bad(name.substr(0, end)));
}

}  // namespace ie
