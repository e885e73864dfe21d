#include "messages/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <system_error>

namespace ie {
namespace {

constexpr char32_t invalid = 0xFFFFFFFF;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

uint8_t byte_at(std::string_view text, size_t index) {
    return static_cast<uint8_t>(text[index]);
}

struct decoded {
    char32_t code = invalid;
    size_t size = 1;  // bytes taken
};

// One character at the start of a text that isn't empty (RFC 3629, section 4).
decoded decode(std::string_view text) {
    const uint8_t lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1};
    const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    auto code = static_cast<char32_t>(lead & (0x7F >> size));
    for (size_t i = 1; i < size; ++i) {
        const uint8_t next = byte_at(text, i);
        if ((next & 0xC0) != 0x80) return {};
        code = (code << 6) | (next & 0x3F);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < smallest[size] || code > 0x10FFFF || surrogate) return {};
    return {code, size};
}

template <class Visit>
void for_each_character(std::string_view text, Visit&& visit) {
    while (!text.empty()) {
        const decoded next = decode(text);
        visit(next.code, text.substr(0, next.size));
        text.remove_prefix(next.size);
    }
}

// Characters that move the cursor, hide text or turn its direction.
bool is_treacherous(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C ||
           code == 0x200B || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
           code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
           (code >= 0xE0000 && code <= 0xE0FFF);
}

std::string escape(char32_t code) {
    if (code == '\n') return "\\n";
    if (code == '\r') return "\\r";
    if (code == '\t') return "\\t";
    char out[16];
    const char* shape = code < 0x80 ? "\\x%02x" : "\\u{%04x}";
    std::snprintf(out, sizeof out, shape, static_cast<unsigned>(code));
    return out;
}

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

void append_printable(std::string& out, std::string_view text, std::string_view escaped) {
    for_each_character(text, [&](char32_t code, std::string_view bytes) {
        if (code == invalid) {
            out += replacement;
        } else if (is_treacherous(code)) {
            out += escape(code);
        } else if (bytes.size() == 1 && escaped.find(bytes[0]) != escaped.npos) {
            out += '\\';
            out += bytes;
        } else {
            out += bytes;
        }
    });
}

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._:/@+<>").find(c) != std::string_view::npos;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char l, char r) { return lower(l) == lower(r); });
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const size_t begin = text.find_first_not_of(spaces);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const decoded next = decode(text);
        if (next.code == invalid) return false;
        text.remove_prefix(next.size);
    }
    return true;
}

void append_utf8(std::string& out, char32_t code) {
    const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            add(0xE0 | code >> 12);
        } else {
            add(0xF0 | code >> 18);
            add(0x80 | (code >> 12 & 0x3F));
        }
        add(0x80 | (code >> 6 & 0x3F));
    }
    add(0x80 | (code & 0x3F));
}

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for_each_character(text, [&](char32_t code, std::string_view bytes) {
        out += code == invalid ? replacement : bytes;
    });
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_printable(out, text, "");
    return out;
}

std::string errno_text(int code) {
    return std::system_category().message(code);
}

std::string log_value(std::string_view text) {
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
    std::string out = "\"";
    append_printable(out, text, "\\\"");
    out += '"';
    return out;
}

}  // namespace ie
