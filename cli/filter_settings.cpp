// `ie-cli filter-settings`: what is filtered (spec, filter-settings).
#include "cli/rules.hpp"
#include "cli/settings_flags.hpp"

namespace ie::cli {
namespace {

json json_of_filter(const settings_values& settings) {
    return {{"notify_header", switch_setting(settings, "notify_header")},
            {"ratelimit", switch_setting(settings, "ratelimit")},
            {"spam", switch_setting(settings, "spam")},
            {"spam_threshold", number_setting(settings, "spam_threshold")},
            {"winexec", switch_setting(settings, "winexec")}};
}

exit_code run_filter_settings(const session& self, const setting_flags& flags) {
    const auto settings = settle(self, flags);
    if (!settings) return report(self, settings.failure());
    print(json_text(json_of_filter(*settings), by_four));
    return exit_code::done;
}

void add_flags(CLI::App& command, session& self, const std::shared_ptr<setting_flags>& flags) {
    add_setting_switch(command, *flags, "--notify-header", "notify_header",
                       "add X-ImunifyEmail-Filter headers to mail that leaves this server");
    add_setting_switch(command, *flags, "--ratelimit", "ratelimit", "apply sender limits");
    add_setting_switch(command, *flags, "--spam", "spam", "quarantine outgoing spam");
    add_setting(command, *flags, "--spam-threshold", "spam_threshold", "float",
                "the score from which on mail is spam", parse_fraction);
    add_setting_switch(command, *flags, "--winexec", "winexec",
                       "quarantine mail with Windows executables");
    on_run(&command, self, [&self, flags] { return run_filter_settings(self, *flags); });
}

}  // namespace

void add_filter_settings(CLI::App& program, session& self) {
    auto flags = std::make_shared<setting_flags>();
    auto* group = add_group(program, "filter-settings",
                            "toggle the filter settings, without any parameters - returns the "
                            "current settings");
    add_flags(*group, self, flags);
    add_flags(*add_command(*group, "set", "change the filter settings"), self, flags);
}

}  // namespace ie::cli
