#include "actors/reading/html_text.hpp"

#include <algorithm>
#include <array>

#include "actors/reading/html_references.hpp"
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

// Where a line ends before and behind. (HTML Standard, section 15.3; and list items, rows.)
constexpr std::array<std::string_view, 43> block_tags{
    "address", "article", "aside", "blockquote", "body", "br", "caption",  "center",     "dd",
    "details", "dialog",  "dir",   "div",        "dl",   "dt", "fieldset", "figcaption", "figure",
    "footer",  "form",    "h1",    "h2",         "h3",   "h4", "h5",       "h6",         "header",
    "hr",      "legend",  "li",    "main",       "nav",  "ol", "option",   "p",          "pre",
    "section", "summary", "table", "title",      "tr",   "ul", "optgroup"};
constexpr std::array<std::string_view, 4> apart_tags{"td", "th", "img", "button"};  // from others
constexpr std::array<std::string_view, 2> hidden_tags{"script", "style"};

class html_reader {
  public:
    explicit html_reader(std::string_view html) : rest_(html) {}

    std::string read() {
        while (!rest_.empty()) {
            if (rest_.starts_with("<!--")) {
                skip_comment();
            } else if (rest_.starts_with(cdata)) {
                rest_.remove_prefix(cdata.size());  // XHTML shows what is in it
            } else if (begins_tag(rest_)) {
                read_tag();
            } else if (begins_declaration(rest_)) {
                skip_behind(">");
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
    static constexpr std::string_view cdata = "<![CDATA[";

    static bool begins_tag(std::string_view html) {
        const size_t name = html.starts_with("</") ? 2 : 1;
        return html[0] == '<' && html.size() > name && is_letter(html[name]);
    }
    // Also what browsers take for a comment.
    static bool begins_declaration(std::string_view html) {
        return html.starts_with("<!") || html.starts_with("<?") || html.starts_with("</");
    }

    void skip_comment() {
        const size_t end = rest_.find("--", 2);
        for (size_t at = end; at != rest_.npos; at = rest_.find("--", at + 1)) {
            const std::string_view behind = rest_.substr(at + 2);
            if (!behind.starts_with('>') && !behind.starts_with("!>")) continue;
            rest_.remove_prefix(at + 2);
            return skip_behind(">");
        }
        rest_ = {};
    }

    void skip_behind(std::string_view mark) {
        const size_t at = rest_.find(mark);
        rest_ = at == rest_.npos ? std::string_view{} : rest_.substr(at + mark.size());
    }

    // To the '>' that is in no attribute's quotes; where these have no end, to the first of all. A
    // quote counts where a value begins: behind the equals sign. (HTML Standard, section 13.2.5.)
    void skip_tag() {
        char quote = 0;
        bool value_begins = false;
        for (size_t i = 0; i < rest_.size() && i < tag_bytes_max; ++i) {
            const char c = rest_[i];
            if (quote != 0) {
                quote = c == quote ? '\0' : quote;
            } else if (c == '>') {
                rest_.remove_prefix(i + 1);
                return;
            } else if (value_begins && (c == '"' || c == '\'')) {
                quote = c;
            }
            value_begins = c == '=' || (value_begins && is_space(c));
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
        if (is_one_of(name, apart_tags)) add(" ");
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
        const auto reference = first_reference(rest_);
        add(reference.size == 0 ? rest_.substr(0, 1) : std::string_view(reference.text));
        rest_.remove_prefix(std::max<size_t>(reference.size, 1));
    }

    // White space of any length is one space, and none at a line's ends.
    void add(std::string_view text) {
        if (text.size() == 1 && is_space(text[0])) {
            if (!out_.empty() && out_.back() != '\n' && out_.back() != ' ') out_ += ' ';
        } else {
            out_ += text == "\u00a0" ? " " : text;
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

std::string_view html_charset(std::string_view html) {
    constexpr size_t searched_bytes = 1024;
    constexpr std::string_view word = "charset";
    html = html.substr(0, searched_bytes);
    const std::string lower = to_lower(html);
    for (size_t tag = lower.find("<meta"); tag != lower.npos; tag = lower.find("<meta", tag + 1)) {
        const size_t end = std::min(lower.find('>', tag), lower.size());
        size_t at = lower.substr(0, end).find(word, tag);
        if (at == lower.npos) continue;
        at = html.find_first_not_of(" \t\r\n", at + word.size());
        if (at == html.npos || html[at] != '=') continue;
        const size_t begin = html.find_first_not_of(" \t\r\n\"'", at + 1);
        if (begin == html.npos || begin >= end) continue;
        const auto name = html.substr(begin, html.find_first_of(" \t\r\n\"';/>", begin) - begin);
        // What could be read so far isn't UTF-16.
        return lower.compare(begin, 6, "utf-16") == 0 ? std::string_view("utf-8") : name;
    }
    return {};
}

}  // namespace ie
