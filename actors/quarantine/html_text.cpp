#include "actors/quarantine/html_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "messages/text.hpp"

namespace ie {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 18> block_tags{
    "p",  "br", "div", "tr",    "li", "h1", "h2",         "h3",  "h4",
    "h5", "h6", "hr",  "table", "ul", "ol", "blockquote", "pre", "title"};
constexpr std::array<std::string_view, 2> hidden_tags{"script", "style"};

struct reference {
    std::string_view name;
    std::string_view text;
};
constexpr std::array<reference, 8> references{{{"amp", "&"},
                                               {"lt", "<"},
                                               {"gt", ">"},
                                               {"quot", "\""},
                                               {"apos", "'"},
                                               {"nbsp", " "},
                                               {"copy", "\u00a9"},
                                               {"euro", "\u20ac"}}};

std::string utf8_of(uint32_t code) {
    const auto byte = [](uint32_t value) { return static_cast<char>(value); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
    if (code < 0x10000) {
        return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)),
                byte(0x80 | (code & 0x3F))};
    }
    return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)),
            byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
}

// `#65`, `#x41` or a name, without & and ; — empty where it is none that we know.
std::string resolved(std::string_view name) {
    for (const auto& each : references) {
        if (each.name == name) return std::string(each.text);
    }
    if (!name.starts_with('#')) return {};
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string_view digits = name.substr(hex ? 2 : 1);
    uint32_t code = 0;
    const auto [stop, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    const bool whole = failed == std::errc{} && stop == digits.data() + digits.size();
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return whole && code > 0 && code <= 0x10FFFF && !surrogate ? utf8_of(code) : std::string{};
}

class html_reader {
  public:
    explicit html_reader(std::string_view html) : rest_(html) {}

    std::string read() {
        while (!rest_.empty()) {
            if (rest_.starts_with("<!--")) {
                skip_behind("-->");
            } else if (rest_.size() > 1 && rest_[0] == '<' && begins_tag(rest_[1])) {
                read_tag();
            } else if (rest_[0] == '&') {
                read_reference();
            } else {
                add(rest_.substr(0, 1));
                rest_.remove_prefix(1);
            }
        }
        return std::move(out_);
    }

  private:
    static bool begins_tag(char c) { return is_letter(c) || c == '/' || c == '!' || c == '?'; }

    void skip_behind(std::string_view mark) {
        const size_t at = rest_.find(mark);
        rest_ = at == rest_.npos ? std::string_view{} : rest_.substr(at + mark.size());
    }

    // To the '>' that is in no quotes; where there is none, to the first of all.
    void skip_tag() {
        char quote = 0;
        for (size_t i = 0; i < rest_.size() && i < tag_bytes_max; ++i) {
            const char c = rest_[i];
            if (quote != 0) {
                quote = c == quote ? '\0' : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>') {
                rest_.remove_prefix(i + 1);
                return;
            }
        }
        skip_behind(">");
    }

    void read_tag() {
        const bool closing = rest_[1] == '/';
        const size_t begin = closing ? 2 : 1;
        size_t end = begin;
        while (end < rest_.size() &&
               (is_letter(rest_[end]) || (rest_[end] >= '0' && rest_[end] <= '9')))
            ++end;
        const std::string name = to_lower(rest_.substr(begin, std::min<size_t>(end - begin, 16)));
        skip_tag();
        if (is_one_of(name, block_tags)) end_line();
        if (!closing && is_one_of(name, hidden_tags)) skip_hidden(name);
    }

    // To the tag that closes it.
    void skip_hidden(const std::string& name) {
        for (size_t at = rest_.find("</"); at != rest_.npos; at = rest_.find("</", at + 2)) {
            if (!equal_ignoring_case(rest_.substr(at + 2, name.size()), name)) continue;
            rest_.remove_prefix(at);
            return;
        }
        rest_ = {};
    }

    void read_reference() {
        constexpr size_t name_bytes_max = 10;
        const size_t end = rest_.substr(0, name_bytes_max + 2).find(';');
        const std::string text = end == rest_.npos ? "" : resolved(rest_.substr(1, end - 1));
        add(text.empty() ? rest_.substr(0, 1) : std::string_view(text));
        rest_.remove_prefix(text.empty() ? 1 : end + 1);
    }

    // White space of any length is one space, and none at a line's ends.
    void add(std::string_view text) {
        if (text.size() == 1 && is_space(text[0])) {
            if (!out_.empty() && out_.back() != '\n' && out_.back() != ' ') out_ += ' ';
        } else {
            out_ += text;
        }
    }
    void end_line() {
        if (!out_.empty() && out_.back() == ' ') out_.pop_back();
        if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    }

    static constexpr size_t tag_bytes_max = 64 << 10;  // with an open quote, searched no further
    std::string_view rest_;
    std::string out_;
};

}  // namespace

std::string html_text(std::string_view html) {
    return html_reader(html).read();
}

}  // namespace ie
