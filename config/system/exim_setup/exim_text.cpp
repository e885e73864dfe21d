#include "config/system/exim_setup/exim_text.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "messages/text.hpp"

namespace ie::exim {
namespace {

constexpr std::string_view begin_mark = "# imunifyemail begin ";
constexpr std::string_view end_mark = "# imunifyemail end ";
constexpr std::string_view kept_mark = "#imunifyemail- ";

bool is_comment(std::string_view line) {
    const size_t start = line.find_first_not_of(" \t");
    return start != line.npos && line[start] == '#';
}

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Adds one physical line to a logical one. True while it goes on in the next.
bool join(config_line& line, std::string_view physical) {
    ++line.count;
    if (is_comment(physical)) return !line.text.empty();
    const std::string_view text = trimmed(physical);
    const bool goes_on = text.ends_with('\\');
    line.text += goes_on ? text.substr(0, text.size() - 1) : text;
    return goes_on;
}

// The name in a mark of that kind; nothing: the line is none.
std::optional<std::string_view> name_in(std::string_view line, std::string_view mark) {
    if (!line.starts_with(mark)) return std::nullopt;
    line = trimmed(line.substr(mark.size()));
    return line.substr(0, line.find(':'));
}

// `number`: the line of the mark that is there.
error lacking(const config_file& file, size_t number, std::string_view mark,
              std::string_view name) {
    return fail(error_code::conflict, file.path + ":" + std::to_string(number) + ": the line '" +
                                          std::string(mark) + std::string(name) +
                                          "' that belongs to this one is missing; put it back, or "
                                          "take that part out by hand");
}

// Reading a configuration from its beginning to its end.
struct reading {
    static constexpr int depth_max = 20;  // of includes

    const std::vector<config_file>& files;
    std::vector<config_line> lines;
    std::map<std::string, std::string, std::greater<>>
        macros;  // a longer name before its beginning
    std::string section;

    void read(size_t file, int depth) {
        config_line line{file, 1, 0, "", section, ""};
        for (const auto physical : physical_lines(files[file].text)) {
            if (join(line, physical)) continue;
            const size_t next = line.first + line.count;
            finish(std::move(line), depth);
            line = {file, next, 0, "", section, ""};
        }
        if (line.count > 0) finish(std::move(line), depth);
    }

    void finish(config_line line, int depth) {
        line.text = std::string(trimmed(line.text));
        if (line.text.empty()) return;
        if (begins_section(line)) section = std::string(trimmed(line.text.substr(6)));
        line.section = section;
        const auto defined = assignment_of(line);
        if (defined && is_macro_name(defined->name)) macros[defined->name] = defined->value;
        line.include = included_path(line.text);
        lines.push_back(line);
        const auto file = std::ranges::find(files, line.include, &config_file::path);
        if (line.include.empty() || file == files.end() || depth == depth_max) return;
        read(static_cast<size_t>(file - files.begin()), depth + 1);
    }

    std::string included_path(const std::string& text) const {
        const size_t space = text.find_first_of(" \t");
        if (!text.starts_with(".include") || space == text.npos) return "";
        std::string path(trimmed(std::string_view(text).substr(space)));
        for (const auto& [name, value] : macros) {
            if (const size_t at = path.find(name); at != path.npos)
                path.replace(at, name.size(), value);
        }
        return path.starts_with('/') ? path : "";
    }
};

}  // namespace

std::vector<std::string_view> physical_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

std::vector<config_line> logical_lines(const std::vector<config_file>& files) {
    reading all{files, {}, {}, "main"};
    for (size_t file = 0; file < files.size(); ++file) {
        if (!files[file].included) all.read(file, 0);
    }
    return std::move(all.lines);
}

std::string place_of(const std::vector<config_file>& files, const config_line& line) {
    return files[line.file].path + ":" + std::to_string(line.first);
}

std::optional<assignment> assignment_of(const config_line& line) {
    const size_t sign = line.text.find('=');
    if (sign == line.text.npos || line.text.starts_with('.')) return std::nullopt;
    std::string_view name = trimmed(std::string_view(line.text).substr(0, sign));
    if (name.starts_with("hide ")) name = trimmed(name.substr(5));
    std::string_view value = std::string_view(line.text).substr(sign + 1);
    if (value.starts_with('=')) value.remove_prefix(1);  // a macro that is defined anew
    return assignment{std::string(name), std::string(trimmed(value))};
}

std::string label_of(const config_line& line) {
    if (line.section == "main" || !line.text.ends_with(':')) return "";
    const std::string_view name =
        trimmed(std::string_view(line.text).substr(0, line.text.size() - 1));
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
        return is_name_character(c) || c == '-' || c == '.';
    });
    return is_name ? std::string(name) : "";
}

bool begins_section(const config_line& line) {
    return line.text.starts_with("begin ") || line.text.starts_with("begin\t");
}

bool is_macro_name(std::string_view name) {
    return !name.empty() && std::isupper(static_cast<unsigned char>(name.front())) != 0 &&
           std::ranges::all_of(name, is_name_character);
}

std::string marked(std::string_view name, std::string_view text) {
    std::string all(begin_mark);
    all += name;
    all += ": put here by ie-config enable, taken out by ie-config disable\n";
    all += text;
    if (!text.ends_with('\n')) all += '\n';
    all += end_mark;
    all += name;
    return all += '\n';
}

std::string kept_line(std::string_view line) {
    return std::string(kept_mark) + std::string(line);
}

bool has_marks(std::string_view text) {
    return text.find(begin_mark) != text.npos || text.find(end_mark) != text.npos;
}

std::vector<std::string> marked_parts(std::string_view text) {
    std::vector<std::string> names;
    for (const auto line : physical_lines(text)) {
        if (const auto name = name_in(line, begin_mark)) names.emplace_back(*name);
    }
    return names;
}

outcome<std::string> without_marked(const config_file& file,
                                    const std::function<bool(std::string_view name)>& chosen) {
    std::string text;
    size_t number = 0;
    size_t begun = 0;                      // the line of the open mark
    std::optional<std::string_view> part;  // the open one
    for (const auto line : physical_lines(file.text)) {
        ++number;
        const auto begins = name_in(line, begin_mark);
        const auto ends = name_in(line, end_mark);
        if (part && (begins || (ends && *ends != *part))) break;
        if (ends && !part) return lacking(file, number, begin_mark, *ends);
        if (begins) {
            part = begins;
            begun = number;
        }
        const bool goes = part && chosen(*part);
        if (!goes) text += line;
        if (goes && line.starts_with(kept_mark)) text += line.substr(kept_mark.size());
        if (ends) part.reset();
    }
    if (part) return lacking(file, begun, end_mark, *part);
    return text;
}

std::string marked_lines(std::string_view text) {
    std::string all;
    bool inside = false;
    for (const auto line : physical_lines(text)) {
        if (line.starts_with(begin_mark)) inside = true;
        const bool kept = line.starts_with(kept_mark);
        if (inside) {
            all += kept ? "- " : "+ ";
            all += kept ? line.substr(kept_mark.size()) : line;
        }
        if (line.starts_with(end_mark)) inside = false;
    }
    return all;
}

std::string edited(std::string_view text, std::vector<text_edit> edits) {
    std::ranges::stable_sort(edits, {}, &text_edit::first);
    std::string all;
    auto edit = edits.begin();
    size_t number = 0;
    size_t left_out = 0;
    for (const auto line : physical_lines(text)) {
        ++number;
        for (; edit != edits.end() && edit->first == number; ++edit) {
            all += edit->text;
            left_out = std::max(left_out, edit->count);
        }
        if (left_out > 0) {
            --left_out;
        } else {
            all += line;
        }
    }
    for (; edit != edits.end(); ++edit) all += edit->text;
    return all;
}

}  // namespace ie::exim
