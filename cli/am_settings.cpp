// `ie-cli am server-settings`: the limits of whoever has none of their own (seed, Usage of
// server-settings subcommand).
#include "cli/am.hpp"
#include "cli/settings_flags.hpp"

namespace ie::cli {
namespace {

json json_of_limits(const settings_values& settings) {
    json out{{"account", number_setting(settings, "limit_account")},
             {"domain", number_setting(settings, "limit_domain")}};
    if (switch_setting(settings, "dry_run") == true) out["dry_run"] = true;
    out["limit_mode"] = number_setting(settings, "limit_mode");
    out["script"] = number_setting(settings, "limit_script");
    out["sender_email"] = number_setting(settings, "limit_sender_email");
    return out;
}

exit_code run_server_settings(const session& self, const setting_flags& flags,
                              const char* heading) {
    const auto settings = settle(self, flags);
    if (!settings) return report(self, settings.failure());
    print((self.json ? "" : heading) + json_text(json_of_limits(*settings), by_four));
    return exit_code::done;
}

// A number, or nothing for -1: left as it is.
outcome<std::string> read_number(std::string_view text, range allowed) {
    const auto number = parse_number_or_none(text, allowed);
    if (!number) return number.failure();
    return *number < 0 ? std::string{} : std::to_string(*number);
}

void add_number(CLI::App& set, setting_flags& flags, const std::string& flag,
                const std::string& setting, const std::string& description, range allowed) {
    add_setting(set, flags, flag, setting, "int", description, [allowed](std::string_view text) {
        return read_number(text, allowed);
    })->default_str("-1");
}

void add_set(CLI::App& server_settings, session& self) {
    constexpr range any{0, UINT32_MAX};
    auto flags = std::make_shared<setting_flags>();
    auto* set = add_command(server_settings, "set",
                            "set limits that are applied for all sender objects, -1 leaves a value "
                            "as it is");
    add_number(*set, *flags, "--account", "limit_account",
               "The limit value for any account, 0 means unlimited", any);
    add_number(*set, *flags, "--domain", "limit_domain",
               "The limit value for any domain, 0 means unlimited", any);
    add_setting_switch(*set, *flags, "--dry-run", "dry_run",
                       "only report what would have been limited, hold nothing");
    add_number(*set, *flags, "--limit-mode", "limit_mode",
               "1 - limits count messages, 2 - limits count recipients", {1, 2});
    add_number(*set, *flags, "--script", "limit_script",
               "The limit value for any script, 0 means unlimited", any);
    add_number(*set, *flags, "--sender-email", "limit_sender_email",
               "The limit value for any sender email, 0 means unlimited", any);
    on_run(set, self, [&self, flags] {
        return run_server_settings(self, *flags, "New server settings is:\n");
    });
}

}  // namespace

void add_am_server_settings(CLI::App& am, session& self) {
    auto* settings = add_group(am, "server-settings",
                               "Operates by the server sender limit settings and allows to set "
                               "default limit that is applied for all sender objects");
    on_run(settings, self, [&self] { return run_server_settings(self, {}, ""); });
    add_set(*settings, self);
}

}  // namespace ie::cli
