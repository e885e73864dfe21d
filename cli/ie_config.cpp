// ie-config: the state of an installation (seed, Version and Status).
#include "cli/config_commands.hpp"
#include "cli/incoming.hpp"
#include "cli/service.hpp"

int main(int argc, char** argv) {
    ie::cli::session self;
    self.program = "ie-config";
    self.config_path = ie::cli::default_config_path();
    CLI::App program("Imunify Email configuration", self.program);
    ie::cli::prepare(program);
    ie::cli::add_global(program, self);
    program.add_option("--config", self.config_path, "the settings file")
        ->type_name("string")
        ->group(ie::cli::flags_group)
        ->take_last();
    ie::cli::add_completion(program, self);
    ie::cli::add_config_check(program, self);
    ie::cli::add_config_disable(program, self);
    ie::cli::add_config_enable(program, self);
    ie::cli::add_help_command(program, self);
    ie::cli::add_incoming_switches(program, self);
    ie::cli::add_config_status(program, self);
    ie::cli::add_update_license(program, self);
    ie::cli::add_version(program, self, "print the installed version");
    return static_cast<int>(ie::cli::run(program, self, argc, argv));
}
