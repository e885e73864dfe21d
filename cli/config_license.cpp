#include <unistd.h>

#include <filesystem>

#include "cli/config_commands.hpp"
#include "cli/service_unit.hpp"
#include "config/license/license_store.hpp"

namespace ie::cli {
namespace {

using exim::setup_report;
using license::decision;

struct license_here {
    std::optional<decision> decided;  // nothing: there is no license
    std::optional<decision> applied;
};

struct license_flags {
    bool changed_only = false;
    std::string fragments = exim::fragments_folder;
};

// The license stands beside the settings file.
std::string license_folder(const session& self) {
    return std::filesystem::path(self.config_path).parent_path();
}

std::string license_path(const session& self) {
    return license_folder(self) + "/" + license::license_name;
}

// Fails: as read_decision, read_applied; conflict (a newer license has been applied).
outcome<license_here> read_license(const session& self, const configuration& settings) {
    if (std::error_code code; !std::filesystem::exists(license_path(self), code) && !code) {
        return license_here{};
    }
    const auto server = license::name_of_server(settings.license.server_id);
    if (!server) return server.failure();
    const auto decided = license::read_decision(license_folder(self), *server);
    if (!decided) return decided.failure();
    const auto applied = license::read_applied(exim::state_folder);
    if (!applied) return applied.failure();
    if (*decided && *applied && (*decided)->serial < (*applied)->serial) {
        return fail(error_code::conflict,
                    license_path(self) + " has serial " + std::to_string((*decided)->serial) +
                        ", and " + std::to_string((*applied)->serial) + " has been applied");
    }
    return license_here{*decided, *applied};
}

// Mail is never given to a filter that doesn't run. Fails: as exim::enable, unavailable.
outcome<setup_report> put_in_force(const configuration& settings, bool enabled,
                                   const exim::setup_options& options) {
    if (enabled) {
        if (const auto started = start_services(); !started) return started.failure();
        return exim::enable(settings, options);
    }
    auto taken_out = exim::disable(settings, options);
    if (!taken_out) return taken_out;
    if (const auto stopped = stop_services(); !stopped) return stopped.failure();
    return taken_out;
}

void tell(const session& self, const decision& decided, bool is_applied,
          const setup_report& report) {
    if (!self.json) {
        return print(text_of(report) + license::text_of(decided) +
                     (is_applied ? ", as before\n" : "\n"));
    }
    print(json_text(json{{"success", true},
                         {"enabled", decided.enabled},
                         {"decided_by", name_of(decided.decided_by)},
                         {"serial", decided.serial},
                         {"changes", json_of(report.changes)},
                         {"notes", report.notes}}));
}

exit_code run_update(const session& self, const license_flags& flags) {
    if (::geteuid() != 0) {
        return report(self, fail(error_code::not_permitted, "only root may apply a license"),
                      "run it as root");
    }
    const auto settings = load_settings(self.config_path);
    if (!settings) return report(self, settings.failure(), "see 'ie-config check'");
    const auto found = read_license(self, *settings);
    if (!found) {
        report(self, found.failure(),
               "nothing was changed; mend that, or get it anew from its issuer");
        return exit_code::failed;
    }
    if (!found->decided) {
        return report(self, fail(error_code::not_found, license_path(self) + " is missing"),
                      "without a license nothing is decided from outside: see 'ie-config enable'");
    }
    const decision& decided = *found->decided;
    const bool is_applied = found->applied == decided;
    if (flags.changed_only && is_applied) {
        tell(self, decided, true, {});
        return exit_code::done;
    }
    exim::setup_options options;
    options.fragments = flags.fragments;
    options.layout = exim::detected_layout();
    options.tell = [&self](const std::string& line) {
        if (!self.json) print(line + "\n");
    };
    const auto done = put_in_force(*settings, decided.enabled, options);
    if (!done) {
        report(self, done.failure(), "the license isn't in force yet; run it again");
        return exit_code::failed;
    }
    if (const auto kept = license::write_applied(exim::state_folder, decided); !kept) {
        return report(self, kept.failure(), "the license is in force; run it again");
    }
    tell(self, decided, is_applied, *done);
    return exit_code::done;
}

}  // namespace

finding find_license(const session& self, const configuration& settings) {
    constexpr const char* what = "license";
    const auto found = read_license(self, settings);
    if (!found)
        return {what, false, advice(found.failure(), "mend that, or get it anew from its issuer")};
    if (!found->decided)
        return {what, true, "there is none; nothing is decided from outside", true};
    const std::string text = license::text_of(*found->decided);
    if (found->applied == found->decided) return {what, true, text};
    return {what, false, text + ", which isn't in force yet; run 'ie-config update-license'"};
}

void add_update_license(CLI::App& program, session& self) {
    const auto flags = std::make_shared<license_flags>();
    auto* command =
        add_command(program, "update-license",
                    "do what the license says: put the filter into Exim, or take it out");
    add_json(*command, self);
    command
        ->add_flag("--changed-only", flags->changed_only,
                   "do nothing where this license has been applied already")
        ->group(flags_group);
    add_fragments(*command, flags->fragments);
    on_run(command, self, [&self, flags] { return run_update(self, *flags); });
}

}  // namespace ie::cli
