#include "actors/scanner/attachments/containers/invite_files.hpp"

#include "actors/reading/lenient_base64.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// A line goes on where the next one begins with a space or a tab.
std::string take_line(std::string_view& rest) {
    std::string line;
    while (!rest.empty()) {
        const size_t end = rest.find('\n');
        auto part = rest.substr(0, end);
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        if (part.ends_with('\r')) part.remove_suffix(1);
        line += part;
        if (!rest.starts_with(' ') && !rest.starts_with('\t')) break;
        rest.remove_prefix(1);
    }
    return line;
}

// The end of the parameters: the first colon that isn't in quotes.
size_t value_at(std::string_view line) {
    bool is_quoted = false;
    for (size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') is_quoted = !is_quoted;
        if (line[i] == ':' && !is_quoted) return i;
    }
    return line.npos;
}

std::string parameter(std::string_view parameters, std::string_view name) {
    const std::string lower = to_lower(parameters);
    const size_t at = lower.find(name);
    if (at == lower.npos) return {};
    auto value = parameters.substr(at + name.size());
    const bool is_quoted = value.starts_with('"');
    if (is_quoted) value.remove_prefix(1);
    return std::string(value.substr(0, value.find_first_of(is_quoted ? "\"" : ";,")));
}

}  // namespace

std::vector<invite_file> invite_files(std::string_view calendar, size_t files_max) {
    constexpr std::string_view property = "attach";
    std::vector<invite_file> files;
    while (!calendar.empty() && files.size() < files_max) {
        const std::string line = take_line(calendar);
        if (!equal_ignoring_case(std::string_view(line).substr(0, property.size()), property)) {
            continue;
        }
        const size_t colon = value_at(line);
        if (colon == line.npos) continue;
        const std::string_view parameters = std::string_view(line).substr(0, colon);
        const std::string value = line.substr(colon + 1);
        if (!equal_ignoring_case(parameter(parameters, "encoding="), "base64")) continue;
        files.push_back({parameter(parameters, "filename="), from_lenient_base64(value, true)});
    }
    return files;
}

}  // namespace ie
