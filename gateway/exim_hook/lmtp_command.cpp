#include "gateway/exim_hook/lmtp_command.hpp"

#include "messages/text.hpp"

namespace ie {
namespace {

// Where the path ends that begins at the start of `text`; npos: nowhere.
size_t closing_bracket(std::string_view text) {
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '>' && !quoted) {
            return i;
        }
    }
    return std::string_view::npos;
}

}  // namespace

lmtp_command read_lmtp_command(std::string_view line) {
    const size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    const auto names = enum_names(lmtp_verb{});
    lmtp_command command;
    for (size_t i = 1; i < names.size(); ++i) {
        if (equal_ignoring_case(word, names[i])) command.verb = static_cast<lmtp_verb>(i);
    }
    if (space != std::string_view::npos) command.argument = line.substr(space + 1);
    return command;
}

std::optional<std::string_view> path_in(std::string_view argument, std::string_view keyword) {
    if (!equal_ignoring_case(argument.substr(0, keyword.size()), keyword)) return std::nullopt;
    argument.remove_prefix(keyword.size());
    if (!argument.starts_with(':')) return std::nullopt;
    argument.remove_prefix(1);
    while (argument.starts_with(' ')) argument.remove_prefix(1);
    if (!argument.starts_with('<')) return std::nullopt;
    argument.remove_prefix(1);
    const size_t end = closing_bracket(argument);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = argument.substr(end + 1);
    if (!rest.empty() && rest.front() != ' ') return std::nullopt;
    return argument.substr(0, end);
}

}  // namespace ie
