// `ie-cli quarantine-defaults`: what holds for accounts that have no values of their own (seed,
// Quarantine default settings).
#include <algorithm>

#include "cli/rules.hpp"
#include "cli/settings_flags.hpp"

namespace ie::cli {
namespace {

constexpr const char* space_setting = "quarantine_limit_bytes";
constexpr const char* releases_setting = "quarantine_releases_limit";
constexpr int64_t mb_bytes = 1 << 20;

exit_code run_defaults(const session& self, const setting_flags& flags) {
    const auto settings = settle(self, flags);
    if (!settings) return report(self, settings.failure());
    const json limit = number_setting(*settings, space_setting);
    const json releases = number_setting(*settings, releases_setting);
    // As wide as the seed has it.
    print(self.json ? json_text(json{{"limit_bytes", limit}, {"releases_limit", releases}})
                    : "Setting          IntValue\nlimit_bytes      " + limit.dump() +
                          "\nreleases_limit   " + releases.dump() + "\n");
    return exit_code::done;
}

exit_code run_set(const session& self, const setting_flags& flags, const std::string& command) {
    const bool changes = std::any_of(flags.begin(), flags.end(),
                                     [](const auto& flag) { return !flag.second.empty(); });
    if (changes) return run_defaults(self, flags);
    return report_usage(self, "--releases-limit or --storage-capacity is needed", command);
}

// In units of `unit`; -1 stays.
void add_number(CLI::App& set, setting_flags& flags, const std::string& names,
                const std::string& setting, const std::string& description, int64_t most,
                int64_t unit) {
    const auto read = [most, unit](std::string_view text) -> outcome<std::string> {
        const auto number = parse_number_or_none(text, {0, most});
        if (!number) return number.failure();
        return std::to_string(*number < 0 ? *number : *number * unit);
    };
    add_setting(set, flags, names, setting, "", description, read);
}

void add_set(CLI::App& defaults, session& self, const std::string& name) {
    auto flags = std::make_shared<setting_flags>();
    auto* set = add_command(
        defaults, name, "Set default settings for accounts. Use -1 to set common default value.");
    add_json(*set, self);
    add_number(*set, *flags, "-r,--releases-limit", releases_setting,
               "Limit for releases per hour for non-root user", UINT32_MAX, 1);
    add_number(*set, *flags, "-s,--storage-capacity", space_setting,
               "Limit in MB for the storage in the Quarantine for the account",
               INT64_MAX / mb_bytes, mb_bytes);
    on_run(set, self, [&self, flags, set] { return run_set(self, *flags, command_path(*set)); });
}

}  // namespace

void add_quarantine_defaults(CLI::App& program, session& self) {
    auto* defaults = add_group(program, "quarantine-defaults",
                               "interaction with default settings in the Quarantine");
    add_set(*defaults, self, "edit");
    auto* list = add_command(*defaults, "list", "list default settings for accounts");
    add_json(*list, self);
    on_run(list, self, [&self] { return run_defaults(self, {}); });
    add_set(*defaults, self, "set");
}

}  // namespace ie::cli
