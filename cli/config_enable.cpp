#include <unistd.h>

#include <iostream>

#include "cli/config_commands.hpp"
#include "config/system/exim_setup/setup.hpp"

namespace ie::cli {
namespace {

using exim::server_layout;
using exim::setup_report;

// What the command line says of enabling and disabling.
struct wishes {
    exim::setup_options options;
    std::string layout;  // empty: as detected
};

using action = outcome<setup_report> (*)(const configuration&, const exim::setup_options&);

std::string summary(const setup_report& report, bool is_dry_run, const char* done) {
    if (is_dry_run) {
        return report.changes.empty() && report.notes.empty() ? "nothing would change\n" : "";
    }
    return (report.changes.empty() ? "nothing to change: " : "") + std::string(done) + "\n";
}

void print_report(const session& self, const wishes& wanted, const setup_report& report,
                  const char* done) {
    const bool is_dry_run = wanted.options.dry_run;
    if (!self.json) return print(text_of(report, is_dry_run) + summary(report, is_dry_run, done));
    print(json_text(json{{"success", true},
                         {"dry_run", is_dry_run},
                         {"changes", json_of(report.changes)},
                         {"notes", report.notes}}));
}

exit_code run_setup(const session& self, wishes& wanted, action act, const char* done) {
    if (::geteuid() != 0) {
        return report(self,
                      fail(error_code::not_permitted, "only root may change Exim's configuration"),
                      "run it as root");
    }
    const auto settings = load_settings(self.config_path);
    if (!settings) return report(self, settings.failure(), "see 'ie-config check'");
    auto& options = wanted.options;
    options.layout = exim::detected_layout(options.root);
    if (!wanted.layout.empty()) {
        options.layout = wanted.layout == "cpanel" ? server_layout::cpanel : server_layout::debian;
    }
    if (!options.root.empty() && options.layout != server_layout::cpanel) {
        return report(self, fail(error_code::not_found, options.root + " has no cPanel in it"),
                      "name a folder with /usr/local/cpanel, or leave --root out for this server");
    }
    options.tell = [&self](const std::string& line) {
        if (!self.json) print(line + "\n");
    };
    const auto result = act(*settings, options);
    if (!result) {
        report(self, result.failure(),
               result.failure().code == error_code::internal ? "Exim isn't as it was"
                                                             : "Exim's configuration is as it was");
        return exit_code::failed;
    }
    print_report(self, wanted, *result, done);
    return exit_code::done;
}

CLI::App* add_setup(CLI::App& program, session& self, const std::string& name,
                    const std::string& description, const std::shared_ptr<wishes>& wanted) {
    auto* command = add_command(program, name, description);
    add_json(*command, self);
    command->add_flag("--dry-run", wanted->options.dry_run, "try it and show what would change")
        ->group(flags_group);
    add_text(*command, "--layout", wanted->layout, "debian|cpanel",
             "how this server's Exim is configured; found out by default");
    command->add_option("--root", wanted->options.root, "a folder that stands for cPanel's /")
        ->type_name("string")
        ->group(further_group);
    return command;
}

}  // namespace

std::string text_of(const setup_report& report, bool is_dry_run) {
    std::string text;
    for (const auto& each : report.changes) {
        text += (is_dry_run ? "would be " : "") + each.what + ": " + printable(each.path) + "\n";
        if (is_dry_run) text += each.text;
    }
    for (const auto& each : report.notes) text += "note: " + printable(each) + "\n";
    return text;
}

void add_config_enable(CLI::App& program, session& self) {
    const auto wanted = std::make_shared<wishes>();
    auto* command = add_setup(program, self, "enable", "put the filter into Exim", wanted);
    add_fragments(*command, wanted->options.fragments);
    on_run(command, self, [&self, wanted] {
        return run_setup(self, *wanted, exim::enable, "the filter is in Exim");
    });
}

void add_config_disable(CLI::App& program, session& self) {
    const auto wanted = std::make_shared<wishes>();
    auto* command = add_setup(program, self, "disable", "take the filter out of Exim", wanted);
    command
        ->add_flag("--force", wanted->options.force,
                   "even while held mail is in Exim's queue; it stays there, frozen, "
                   "for Exim's timeout_frozen_after")
        ->group(flags_group);
    on_run(command, self, [&self, wanted] {
        return run_setup(self, *wanted, exim::disable, "the filter is out of Exim");
    });
}

}  // namespace ie::cli
