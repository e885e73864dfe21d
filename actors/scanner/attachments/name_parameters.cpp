#include "actors/scanner/attachments/name_parameters.hpp"

#include <algorithm>
#include <charconv>

#include "actors/reading/charset.hpp"
#include "actors/reading/encoded_words.hpp"
#include "messages/hex.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t value_bytes_max = 64 << 10;

struct parameter {
    std::string attribute;  // "filename", "name*1*"
    std::string_view value;
};

// At each semicolon, but for those in quotes where quotes count.
std::vector<parameter> split(std::string_view text, bool quotes_count) {
    std::vector<parameter> out;
    bool quoted = false;
    for (size_t begin = 0, at = 0; at <= text.size(); ++at) {
        if (at < text.size()) {
            if (quotes_count && text[at] == '"') quoted = !quoted;
            if (quoted && text[at] == '\\') ++at;
            if (at >= text.size() || text[at] != ';' || quoted) continue;
        }
        const auto piece = text.substr(begin, at - begin);
        begin = at + 1;
        const size_t equals = piece.find('=');
        if (equals == std::string_view::npos) continue;
        out.push_back(
            {to_lower(trimmed(piece.substr(0, equals))), trimmed(piece.substr(equals + 1))});
    }
    return out;
}

std::string unquoted(std::string_view value) {
    std::string out;
    for (size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        out += value[i];
    }
    return out;
}

std::string without_quotes(std::string_view value, bool keep_backslashes) {
    std::string out;
    for (const char c : value) {
        if (c != '"' && (keep_backslashes || c != '\\')) out += c;
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

class name_collector {
  public:
    // One parameter by itself.
    void add_value(std::string_view value) {
        if (value.starts_with('"')) {
            add(unquoted(value));
        } else {
            add(std::string(value.substr(0, value.find_first_of(" \t("))));
        }
        add(without_quotes(value, false));
        add(without_quotes(value, true));
    }

    // All sections of an extended parameter, joined.
    void add_extended(const std::string& joined) {
        const size_t first = joined.find('\'');
        const size_t second = first == std::string::npos ? first : joined.find('\'', first + 1);
        if (second == std::string::npos) return add(joined);
        const std::string bytes = percent_decoded(std::string_view(joined).substr(second + 1));
        names_.push_back(bytes);
        names_.push_back(text_of(bytes, joined.substr(0, first)));
    }

    void add(std::string name) {
        if (name.empty()) return;
        if (name.find("=?") != std::string::npos) names_.push_back(header_text(name));
        if (name.find('%') != std::string::npos) names_.push_back(percent_decoded(name));
        names_.push_back(std::move(name));
    }

    std::vector<std::string> take() {
        std::sort(names_.begin(), names_.end());
        names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
        return std::move(names_);
    }

  private:
    std::vector<std::string> names_;
};

struct section {
    uint32_t number = 0;
    std::string text;
};

std::string joined(const std::vector<section>& sections) {
    std::string out;
    for (const auto& each : sections) out += each.text;
    return out;
}

// "filename*1*" is section 1 of "filename".
void collect(std::string_view base, const std::vector<parameter>& parameters,
             name_collector& names) {
    std::vector<section> sections;
    for (const auto& each : parameters) {
        std::string_view attribute = each.attribute;
        if (!attribute.starts_with(base)) continue;
        attribute = trimmed(attribute.substr(base.size()));
        if (attribute.empty()) names.add_value(each.value);
        if (!attribute.starts_with('*')) continue;
        uint32_t number = 0;
        std::from_chars(attribute.data() + 1, attribute.data() + attribute.size(), number);
        sections.push_back(
            {number, each.value.starts_with('"') ? unquoted(each.value) : std::string(each.value)});
    }
    if (sections.empty()) return;
    names.add_extended(joined(sections));
    names.add_extended(sections.back().text);
    std::stable_sort(sections.begin(), sections.end(),
                     [](const auto& a, const auto& b) { return a.number < b.number; });
    names.add_extended(joined(sections));
}

void collect(std::string_view value, name_collector& names) {
    const bool is_odd = value.find('\\') != std::string_view::npos ||
                        std::count(value.begin(), value.end(), '"') % 2 != 0;
    for (const bool quotes_count : {true, false}) {
        if (!quotes_count && !is_odd) continue;
        const auto parameters = split(value, quotes_count);
        collect("filename", parameters, names);
        collect("name", parameters, names);
    }
}

std::string unfolded(std::string_view value, bool keep_spaces) {
    std::string out;
    bool folded = false;
    for (const char c : value) {
        const bool is_end = c == '\r' || c == '\n';
        folded = is_end || (folded && (c == ' ' || c == '\t'));
        if (!is_end && (keep_spaces || !folded)) out += c;
    }
    return out;
}

}  // namespace

std::vector<std::string> names_in(std::string_view value) {
    name_collector names;
    value = value.substr(0, value_bytes_max);
    if (value.find_first_of("\r\n") == std::string_view::npos) {
        collect(value, names);
        return names.take();
    }
    collect(unfolded(value, true), names);
    collect(unfolded(value, false), names);
    return names.take();
}

std::vector<std::string> boundaries_in(std::string_view value) {
    const std::string line = unfolded(value.substr(0, value_bytes_max), true);
    std::vector<std::string> found;
    for (const auto& each : split(line, true)) {
        if (each.attribute != "boundary") continue;
        found.push_back(each.value.starts_with('"') ? unquoted(each.value)
                                                    : std::string(each.value));
    }
    return found;
}

}  // namespace ie
