#include "cli/service.hpp"

namespace ie::cli {
namespace {

// The command that the words name, as far as there is one.
const CLI::App* find(const CLI::App& program, const std::vector<std::string>& words) {
    const CLI::App* command = &program;
    for (const auto& word : words) {
        const auto below = command->get_subcommands(
            [&](const CLI::App* each) { return each->get_name() == word; });
        if (below.empty()) return nullptr;
        command = below.front();
    }
    return command;
}

exit_code run_help(const session& self, const CLI::App& program,
                   const std::vector<std::string>& words, bool all) {
    if (const auto* command = find(program, words)) {
        print(help_text(*command, all));
        return exit_code::done;
    }
    std::string named;
    for (const auto& word : words) named += " " + word;
    return report_usage(self, "unknown command:" + named, program.get_name());
}

}  // namespace

void add_version(CLI::App& program, session& self, const std::string& description) {
    auto* version = add_command(program, "version", description);
    add_json(*version, self);
    on_run(version, self, [&self] {
        print(self.json ? json_text(json{{"version", IE_VERSION}}) : IE_VERSION "\n");
        return exit_code::done;
    });
}

void add_help_command(CLI::App& program, session& self) {
    struct help_flags {
        std::vector<std::string> words;
        bool all = false;
    };
    auto flags = std::make_shared<help_flags>();
    auto* help = add_command(program, "help", "help about any command");
    help->add_option("command", flags->words)->type_name("[command]");
    help->add_flag("--all", flags->all, "with every flag")->group(flags_group);
    on_run(help, self,
           [&self, &program, flags] { return run_help(self, program, flags->words, flags->all); });
}

}  // namespace ie::cli
