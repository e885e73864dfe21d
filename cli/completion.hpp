// Scripts that complete a program's command line in a shell, made from its parser: a command or
// flag that is added is completed without anything more. Pure.
#pragma once

#include <CLI/CLI.hpp>

namespace ie::cli {

std::string bash_completion(const CLI::App& program);
std::string zsh_completion(const CLI::App& program);
std::string fish_completion(const CLI::App& program);

}  // namespace ie::cli
