// Building a program's commands on CLI11 so that help, completions and refusals are alike in all of
// them. The one place that knows CLI11's exceptions.
#pragma once

#include "cli/help.hpp"
#include "cli/session.hpp"

namespace ie::cli {

// A command below `parent`, with its --help and --help-all.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description);

// A command that has others below it, of which one may be given.
CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& description);

// The same for the program itself.
void prepare(CLI::App& program);

// Flags that stand before or behind any command: where the engine is, how long to wait for it.
void add_global(CLI::App& program, session& self);

// -a, --json as most commands have them.
CLI::Option* add_account(CLI::App& command, std::string& account);
void add_json(CLI::App& command, session& self);

// What the command does when it was asked for, and not one of those below it.
template <class Run>
void on_run(CLI::App* command, session& self, Run run) {
    command->group(runs_itself);
    command->callback([&self, run, command] {
        if (command->get_subcommands().empty()) self.action = run;
    });
}

// Checks an option's value and keeps what was read from it. `parse` gives an outcome<T>.
template <class Parse, class T>
CLI::Validator read_with(Parse parse, T& target) {
    return {[parse, &target](std::string& text) {
                auto value = parse(text);
                if (!value) return value.failure().what;
                target = std::move(*value);
                return std::string{};
            },
            ""};
}

// An option whose value `parse` reads into `target`; `type` is how help shows it.
template <class Parse, class T>
CLI::Option* add_value(CLI::App& command, const std::string& names, T& target,
                       const std::string& type, const std::string& description, Parse parse) {
    return command
        .add_option(names, CLI::callback_t([](const CLI::results_t&) { return true; }), description)
        ->type_name(type)
        ->take_last()
        ->check(read_with(parse, target));
}

// --since as the seed words it; `names` may have a short one besides.
CLI::Option* add_since(CLI::App& command, const std::string& names, int64_t& seconds);

// How long a list may be, and where it starts. `names` may have a short one besides.
void add_limit(CLI::App& command, const std::string& names, uint32_t& limit,
               const std::string& description);
CLI::Option* add_offset(CLI::App& command, uint32_t& offset, const std::string& description);

// An option that takes any text, or, where `type` lists words ("on|off"), one of them.
CLI::Option* add_text(CLI::App& command, const std::string& names, std::string& target,
                      const std::string& type, const std::string& description);

// Runs what the command line asks for: help, the command, or the refusal of a wrong line.
exit_code run(CLI::App& program, session& self, int argc, char** argv);

}  // namespace ie::cli
