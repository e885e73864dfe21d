#include "actors/reading/mail_headers.hpp"

#include <algorithm>

#include "actors/reading/encoded_words.hpp"
#include "actors/reading/script_name.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view spaces = " \t\r\n";

// The line at the front, with its end.
std::string_view first_line(std::string_view text) {
    const size_t end = text.find('\n');
    return end == text.npos ? text : text.substr(0, end + 1);
}

bool is_empty_line(std::string_view line) {
    return line == "\n" || line == "\r\n";
}
bool continues(std::string_view line) {
    return line.starts_with(' ') || line.starts_with('\t');
}

// The field at the front: its first line and those that continue it.
std::string_view first_field(std::string_view block) {
    size_t size = first_line(block).size();
    while (continues(block.substr(size))) size += first_line(block.substr(size)).size();
    return block.substr(0, size);
}

// One line: a line end and the white space after it become one space, as the seed's Show Email
// message prints them. No NUL: GMime takes C strings.
std::string unfolded(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (size_t i = 0; i < value.size(); ++i) {
        const bool crlf = value.substr(i, 2) == "\r\n";
        if (value[i] == '\n' || crlf) {
            const size_t next = value.find_first_not_of(spaces, i + (crlf ? 2 : 1));
            i = std::min(next, value.size()) - 1;
            out += ' ';
        } else if (value[i] == '\0') {
            out += "\xEF\xBF\xBD";  // U+FFFD
        } else {
            out += value[i];
        }
    }
    return out;
}

bool is_plain(std::string_view value) {
    return value.find("=?") == value.npos &&
           std::all_of(value.begin(), value.end(), [](char c) { return c > 0; });
}

std::string decoded(std::string_view value, std::string_view raw_charset) {
    const std::string line = unfolded(trimmed(value).substr(0, header_value_bytes_max));
    if (is_plain(line)) return line;
    return std::string(utf8_prefix(header_text(line, raw_charset), header_value_bytes_max));
}

struct raw_field {
    std::string_view name;
    std::string_view value;
};

bool is_name_character(char c) {
    return c > ' ' && c < 127 && c != ':';
}

// Calls visit(raw_field) for each field of the block's bounded part.
template <class Visit>
void for_each_raw_field(std::string_view block, Visit&& visit) {
    block = block.substr(0, header_bytes_max);
    for (size_t count = 0; !block.empty() && count < header_count_max; ++count) {
        const std::string_view whole = first_field(block);
        block.remove_prefix(whole.size());
        const size_t colon = whole.find(':');
        if (colon == whole.npos) continue;
        const std::string_view name = trimmed(whole.substr(0, colon));
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) continue;
        visit(raw_field{name, whole.substr(colon + 1)});
    }
}

}  // namespace

mail_split split_mail(std::string_view mail) {
    size_t offset = 0;
    while (offset < mail.size()) {
        const std::string_view line = first_line(mail.substr(offset));
        if (is_empty_line(line)) return {mail.substr(0, offset), offset + line.size()};
        offset += line.size();
    }
    return {mail, mail.size()};
}

std::string_view charset_of_raw_headers(std::string_view mail) {
    constexpr std::string_view attribute = "charset=";
    constexpr size_t searched_bytes = 64 << 10;
    mail = mail.substr(0, searched_bytes);
    const size_t at = to_lower(mail).find(attribute);
    if (at == mail.npos) return {};
    const size_t begin = at + attribute.size();
    const bool is_quoted = mail.substr(begin).starts_with('"');
    const std::string_view value = mail.substr(begin + (is_quoted ? 1 : 0));
    return value.substr(0, value.find_first_of(" \t\r\n;\""));
}

std::vector<mail_header> read_headers(std::string_view header_block, std::string_view raw_charset) {
    std::vector<mail_header> headers;
    for_each_raw_field(header_block, [&](const raw_field& each) {
        headers.push_back({std::string(each.name), decoded(each.value, raw_charset)});
    });
    return headers;
}

mail_traits read_traits(std::string_view mail) {
    mail_traits traits;
    bool has_subject = false;
    script_header originating;
    for_each_raw_field(split_mail(mail).header_block, [&](const raw_field& each) {
        if (!has_subject && equal_ignoring_case(each.name, "Subject")) {
            has_subject = true;
            const bool is_raw = !is_valid_utf8(each.value);
            const auto charset = is_raw ? charset_of_raw_headers(mail) : std::string_view{};
            traits.subject =
                std::string(utf8_prefix(decoded(each.value, charset), subject_bytes_max));
        } else if (traits.script_header.raw.empty() &&
                   equal_ignoring_case(each.name, "X-PHP-Script")) {
            traits.script_header = parse_php_script(decoded(each.value, {}));
        } else if (originating.raw.empty() &&
                   equal_ignoring_case(each.name, "X-PHP-Originating-Script")) {
            originating = parse_originating_script(decoded(each.value, {}));
        }
    });
    if (traits.script_header.raw.empty()) traits.script_header = std::move(originating);
    return traits;
}

script_header parse_php_script(std::string_view value) {
    script_header script{std::string(utf8_prefix(value, subject_bytes_max)), {}, {}};
    const std::string_view place = script_file(script_place(script.raw));
    const size_t slash = place.find('/');
    script.domain = to_lower(without_port(place.substr(0, slash)));
    if (slash != place.npos) script.path = place.substr(slash);
    return script;
}

script_header parse_originating_script(std::string_view value) {
    script_header script{std::string(utf8_prefix(value, subject_bytes_max)), {}, {}};
    const size_t colon = script.raw.find(':');
    script.path =
        script_file(std::string_view(script.raw).substr(colon == script.raw.npos ? 0 : colon + 1));
    return script;
}

std::string_view utf8_prefix(std::string_view text, size_t size_max) {
    if (text.size() <= size_max) return text;
    size_t size = size_max;
    while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) --size;
    return text.substr(0, size);
}

}  // namespace ie
