// ie-cli: the administrator's and the account owner's commands (seed, Command-Line Interface).
#include "cli/accounts.hpp"
#include "cli/am.hpp"
#include "cli/emails.hpp"
#include "cli/incoming.hpp"
#include "cli/rules.hpp"
#include "cli/service.hpp"

namespace ie::cli {
namespace {

constexpr const char* description = "Imunify Email quarantine CLI application";
constexpr const char* note =
    "Use --help key to get list of the available commands and to get help for the particular "
    "command, e.g. ie-cli whitelist sender --help .";

void add_commands(CLI::App& program, session& self) {
    program.footer(note);
    add_global(program, self);
    add_accounts(program, self);
    add_am(program, self);
    add_audit(program, self);
    add_completion(program, self);
    add_emails(program, self);
    add_filter_settings(program, self);
    add_help_command(program, self);
    add_incoming(program, self);
    add_logs(program, self);
    add_quarantine_defaults(program, self);
    add_status(program, self);
    add_version(program, self, "print the Imunify Email CLI version");
    add_whitelist(program, self);
}

}  // namespace
}  // namespace ie::cli

int main(int argc, char** argv) {
    ie::cli::session self;
    self.program = "ie-cli";
    self.config_path = ie::cli::default_config_path();
    CLI::App program(ie::cli::description, self.program);
    ie::cli::prepare(program);
    ie::cli::add_commands(program, self);
    return static_cast<int>(ie::cli::run(program, self, argc, argv));
}
