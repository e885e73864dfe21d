#include "config/domain_name.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t label_bytes_max = 63;  // RFC 1035, section 2.3.4
constexpr size_t name_bytes_max = 253;  // the same, as a text without the dot at the end
constexpr size_t idn_bytes_max =
    4 * name_bytes_max;  // UTF-8 takes up to four bytes for a character

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// '_' is in no host name (RFC 952), but in the domains that people send from and panels list.
bool is_label(std::string_view label) {
    if (label.empty() || label.size() > label_bytes_max) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_number(std::string_view label) {
    return std::all_of(label.begin(), label.end(), is_digit);
}

// `text` is ASCII.
std::optional<std::string> normal_ascii(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.size() > name_bytes_max) return std::nullopt;
    std::string_view rest = text;
    for (;;) {
        const size_t dot = rest.find('.');
        const std::string_view label = rest.substr(0, dot);
        if (!is_label(label)) return std::nullopt;
        if (dot == rest.npos && is_number(label))
            return std::nullopt;  // no top-level domain is one
        if (dot == rest.npos) return to_lower(text);
        rest.remove_prefix(dot + 1);
    }
}

std::optional<std::string> to_a_labels(std::string_view text) {
    if (text.size() > idn_bytes_max || text.find('\0') != text.npos) return std::nullopt;
    char* converted = nullptr;
    const int code = idn2_to_ascii_8z(std::string(text).c_str(), &converted,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, decltype(&idn2_free)> owner(converted, idn2_free);
    if (code != IDN2_OK || converted == nullptr) return std::nullopt;
    return normal_ascii(converted);
}

// RFC 5322's atext, and what RFC 6531 adds: all that isn't ASCII.
bool is_atom_byte(char c) {
    constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
    return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
           marks.find(c) != marks.npos;
}

bool is_dot_atom(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    return text.find("..") == text.npos && std::all_of(text.begin(), text.end(), [](char c) {
               return c == '.' || is_atom_byte(c);
           });
}

struct local_part {
    std::string content;  // without quotes and backslashes
    size_t size = 0;      // bytes of the text that it took
};

// A quoted string at the start of `text`.
std::optional<local_part> read_quoted(std::string_view text) {
    local_part out;
    for (size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            out.size = i + 1;
            return out;
        }
        if (text[i] == '\\') ++i;
        if (i == text.size()) break;
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) break;
        out.content += text[i];
    }
    return std::nullopt;
}

std::optional<local_part> read_local_part(std::string_view text) {
    if (text.starts_with('"')) return read_quoted(text);
    const size_t at = std::min(text.find('@'), text.size());
    if (!is_dot_atom(text.substr(0, at))) return std::nullopt;
    return local_part{std::string(text.substr(0, at)), at};
}

std::string quoted_as_needed(const std::string& content) {
    if (is_dot_atom(content)) return content;
    std::string out = "\"";
    for (const char c : content) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace

std::optional<std::string> normal_domain(std::string_view text) {
    return is_ascii(text) ? normal_ascii(text) : to_a_labels(text);
}

std::optional<std::string> normal_address(std::string_view text) {
    if (text.size() > local_part_bytes_max + 1 + idn_bytes_max) return std::nullopt;
    if (!is_ascii(text) && valid_utf8(text) != text) return std::nullopt;
    const auto local = read_local_part(text);
    if (!local || local->size >= text.size() || text[local->size] != '@') return std::nullopt;
    std::string out = to_lower(quoted_as_needed(local->content));
    if (out.size() > local_part_bytes_max) return std::nullopt;
    const auto domain = normal_domain(text.substr(local->size + 1));
    if (!domain) return std::nullopt;
    return out.append("@").append(*domain);
}

std::string unquoted_local_part(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string out;
    for (size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

std::string_view domain_part(std::string_view address) {
    const size_t at = address.rfind('@');
    return at == address.npos ? std::string_view{} : address.substr(at + 1);
}

}  // namespace ie
