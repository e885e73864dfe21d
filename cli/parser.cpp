#include "cli/parser.hpp"

#include <algorithm>

namespace ie::cli {
namespace {

const CLI::App& deepest(const CLI::App& command) {
    const auto below = command.get_subcommands();
    return below.empty() ? command : deepest(*below.front());
}

void add_help(CLI::App& command, const std::string& text) {
    command.set_help_flag("-h,--help", text)->group(flags_group);
    command.set_help_all_flag("--help-all", "help with every flag")->group(global_group);
}

// CLI11's own words name the option first; those about a whole line are put into ours.
std::string refusal(const CLI::App& command, const CLI::ParseError& failure) {
    std::string text = failure.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&failure) != nullptr) {
        const bool group = !command.get_subcommands([](const CLI::App*) { return true; }).empty();
        const size_t colon = text.find(": ");
        return (group ? "unknown command or flag: " : "unknown argument: ") +
               (colon == text.npos ? text : text.substr(colon + 2));
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&failure) != nullptr) {
        return text.substr(0, text.find(':')) + ": its value is missing";
    }
    return text;
}

// --json counts even on a line that can't be read.
bool asks_for_json(int argc, char** argv) {
    return std::any_of(argv, argv + argc,
                       [](const char* each) { return std::string_view(each) == "--json"; });
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->footer("");  // it would have its parent's
    add_help(*command, "help for " + name);
    command->fallthrough();
    return command;
}

CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& description) {
    CLI::App* group = add_command(parent, name, description);
    group->require_subcommand(0, 1);
    return group;
}

void prepare(CLI::App& program) {
    add_help(program, "Help for " + program.get_name());
    program.require_subcommand(0, 1);
}

void add_global(CLI::App& program, session& self) {
    constexpr uint32_t timeout_s_max = 24 * 3600;
    program.add_flag("--json", self.json, "output in json format")->group(global_group);
    add_value(program, "--endpoint", self.endpoint, "string",
              "where the engine is: ipc:///PATH or tcp://HOST:PORT", parse_endpoint)
        ->group(global_group);
    add_value(program, "--timeout", self.timeout_s, "int", "seconds to wait for the engine",
              [](std::string_view text) {
                  return parse_number(text, {1, timeout_s_max});
              })
        ->default_str(std::to_string(default_timeout_s))
        ->group(global_group);
    add_text(program, "--server-key", self.server_key, "string",
             "the engine's public key, for a tcp endpoint")
        ->group(global_group);
    add_text(program, "--secret-key-file", self.secret_key_file, "string",
             "file with our own secret key, for a tcp endpoint")
        ->group(global_group);
}

CLI::Option* add_account(CLI::App& command, std::string& account) {
    return command.add_option("-a,--account", account, "an account name")
        ->type_name("string")
        ->group(flags_group)
        ->take_last();
}

void add_json(CLI::App& command, session& self) {
    command.add_flag("--json", self.json, "output in json format")->group(flags_group);
}

CLI::Option* add_since(CLI::App& command, const std::string& names, int64_t& seconds) {
    return add_value(command, names, seconds, "string",
                     "show entries starting from [now - since] time\n"
                     "format: [DIGIT(s)][MODIFIER]\n"
                     "\tsupported modifiers 's' - seconds, 'm' - minutes, 'h' - hours, "
                     "'d' - days, e.g. 1h, 2d\n"
                     "\texamples: 100s, 5m, 1h, 5d",
                     parse_duration)
        ->group(flags_group);
}

void add_limit(CLI::App& command, const std::string& names, uint32_t& limit,
               const std::string& description) {
    add_value(command, names, limit, "int", description,
              [](std::string_view text) {
                  return parse_number(text, {1, list_limit_max});
              })
        ->default_str(std::to_string(limit))
        ->group(flags_group);
}

CLI::Option* add_offset(CLI::App& command, uint32_t& offset, const std::string& description) {
    return add_value(command, "--offset", offset, "int", description,
                     [](std::string_view text) {
                         return parse_number(text, {0, UINT32_MAX});
                     })
        ->group(flags_group);
}

CLI::Option* add_text(CLI::App& command, const std::string& names, std::string& target,
                      const std::string& type, const std::string& description) {
    const auto choices = choices_of(type);
    const auto parse = [choices, type](const std::string& text) -> outcome<std::string> {
        const bool known = std::find(choices.begin(), choices.end(), text) != choices.end();
        if (choices.empty() || known) return text;
        return not_one_of(text, type);
    };
    return add_value(command, names, target, type, description, parse)->group(flags_group);
}

exit_code run(CLI::App& program, session& self, int argc, char** argv) {
    try {
        program.parse(argc, argv);
    } catch (const CLI::CallForAllHelp&) {
        print(help_text(deepest(program), true));
        return exit_code::done;
    } catch (const CLI::CallForHelp&) {
        print(help_text(deepest(program), false));
        return exit_code::done;
    } catch (const CLI::ParseError& failure) {
        const CLI::App& command = deepest(program);
        self.json = asks_for_json(argc, argv);
        return report_usage(self, refusal(command, failure), command_path(command));
    }
    if (self.action) return self.action();
    print(help_text(deepest(program), false));
    return exit_code::done;
}

}  // namespace ie::cli
