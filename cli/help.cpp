#include "cli/help.hpp"

#include <algorithm>

namespace ie::cli {
namespace {

using options = std::vector<const CLI::Option*>;

std::string sort_key(const CLI::Option* option) {
    return option->get_lnames().empty() ? option->get_name() : option->get_lnames()[0];
}

options in_group(const CLI::App& command, std::string_view group) {
    options found = command.get_options([&](const CLI::Option* option) {
        return option->nonpositional() && option->get_group() == group;
    });
    std::sort(found.begin(), found.end(),
              [](const auto* l, const auto* r) { return sort_key(l) < sort_key(r); });
    return found;
}

std::string indented(std::string text, size_t column) {
    for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
        text.insert(at + 1, column, ' ');
    }
    return text;
}

std::string flag_lines(const options& flags) {
    size_t column = 0;
    for (const auto* flag : flags) column = std::max(column, flag_text(*flag).size() + 3);
    std::string out;
    for (const auto* flag : flags) {
        std::string left = flag_text(*flag);
        left.resize(column, ' ');
        out += left + indented(flag->get_description(), column);
        if (const auto value = flag->get_default_str(); !value.empty()) {
            out += " (default " + value + ")";
        }
        out += '\n';
    }
    return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& command) {
    auto found = command.get_subcommands([](const CLI::App*) { return true; });
    std::sort(found.begin(), found.end(),
              [](const auto* l, const auto* r) { return l->get_name() < r->get_name(); });
    return found;
}

std::string command_lines(const CLI::App& command) {
    size_t column = 11;  // of names, without the space behind them
    for (const auto* each : commands_of(command)) {
        column = std::max(column, each->get_name().size());
    }
    std::string out;
    for (const auto* each : commands_of(command)) {
        std::string name = each->get_name();
        name.resize(column + 1, ' ');
        out += "  " + name + each->get_description() + "\n";
    }
    return out;
}

std::string usage_line(const CLI::App& command) {
    std::string line = "  " + command_path(command);
    if (!commands_of(command).empty()) {
        const bool alone = command.get_group() == runs_itself;
        if (command.get_parent() == nullptr) return line + " [command] [arguments]";
        return (alone ? line + " [flags]\n" : "") + line + " [command]";
    }
    for (const auto* each :
         command.get_options([](const CLI::Option* option) { return option->get_positional(); })) {
        line += " " + each->get_type_name();
    }
    return line + " [flags]";
}

const CLI::App& root_of(const CLI::App& command) {
    return command.get_parent() ? root_of(*command.get_parent()) : command;
}

}  // namespace

std::string command_path(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return (parent ? command_path(*parent) + " " : "") + command.get_name();
}

std::string flag_text(const CLI::Option& option) {
    const bool has_short = !option.get_snames().empty();
    std::string text = has_short ? "  -" + option.get_snames()[0] + ", " : "      ";
    text += "--" + option.get_lnames()[0];
    const std::string type = option.get_type_name();
    if (option.get_type_size_max() > 0 && !type.empty()) text += " " + type;
    return text;
}

std::string help_text(const CLI::App& command, bool all) {
    const bool group = !commands_of(command).empty();
    const bool root = command.get_parent() == nullptr;
    const std::string more = command.get_footer();
    std::string out = root || more.empty() ? command.get_description() : more;
    out += "\n\nUsage:\n" + usage_line(command) + "\n";
    if (root && !more.empty()) out += "\n" + more + "\n";
    if (group) out += "\nAvailable Commands:\n" + command_lines(command);
    for (const auto* title : {flags_group, further_group, global_group}) {
        if (title != std::string_view(flags_group) && !all) continue;
        const bool global = title == std::string_view(global_group);
        const options flags = in_group(global ? root_of(command) : command, title);
        if (!flags.empty()) out += "\n" + std::string(title) + ":\n" + flag_lines(flags);
    }
    if (group && !root) {
        out += "\nUse \"" + command_path(command) +
               " [command] --help\" for more information about a command.\n";
    }
    return out;
}

}  // namespace ie::cli
