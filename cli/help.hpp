// Help as the seed shows it: description, usage, commands, flags, closing line. Pure; what it says
// comes from the parser alone.
#pragma once

#include <CLI/CLI.hpp>

namespace ie::cli {

// Groups of options. The seed shows some commands' help to the byte, so what we add there stands in
// groups of its own, which only --help-all prints.
inline constexpr const char* flags_group = "Flags";
inline constexpr const char* further_group = "Further Flags";
inline constexpr const char* global_group = "Global Flags";

// CLI11's own group of commands that do something without one of those below them.
inline constexpr const char* runs_itself = "runs itself";

// A command's description is its line in the list of commands. Its footer, where it has one, stands
// in its own help in the description's place; the program's own footer follows the usage line.

// "ie-cli emails list"
std::string command_path(const CLI::App& command);

std::string help_text(const CLI::App& command, bool all);

// The left part of a flag's line, such as "  -l, --limit int".
std::string flag_text(const CLI::Option& option);

}  // namespace ie::cli
