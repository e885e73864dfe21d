// `ie-cli filter-settings`: what is filtered (spec, filter-settings).
#include <algorithm>

#include "cli/rules.hpp"
#include "cli/settings_flags.hpp"
#include "messages/hold_reason.hpp"

namespace ie::cli {
namespace {

// A setting of the filter, and the flag of that name.
struct filter_setting {
    std::string name;
    std::string help;
    bool is_switch = true;

    std::string flag() const {
        std::string words = "--" + name;
        std::replace(words.begin(), words.end(), '_', '-');
        return words;
    }
};

// Ordered by name.
std::vector<filter_setting> filter_settings() {
    std::vector<filter_setting> all{
        {"notify_header", "add X-ImunifyEmail-Filter headers to mail that leaves this server"},
        {"spam_threshold", "the score from which on mail is spam", false}};
    for (const hold_reason_row& row : hold_reason_table) {
        all.push_back({std::string(row.name), std::string(row.switch_help)});
    }
    std::sort(all.begin(), all.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    return all;
}

json json_of_filter(const settings_values& settings) {
    json out = json::object();
    for (const filter_setting& each : filter_settings()) {
        out[each.name] = each.is_switch ? switch_setting(settings, each.name)
                                        : number_setting(settings, each.name);
    }
    return out;
}

exit_code run_filter_settings(const session& self, const setting_flags& flags) {
    const auto settings = settle(self, flags);
    if (!settings) return report(self, settings.failure());
    print(json_text(json_of_filter(*settings), by_four));
    return exit_code::done;
}

void add_flags(CLI::App& command, session& self, const std::shared_ptr<setting_flags>& flags) {
    for (const filter_setting& each : filter_settings()) {
        if (each.is_switch) {
            add_setting_switch(command, *flags, each.flag(), each.name, each.help);
        } else {
            add_setting(command, *flags, each.flag(), each.name, "float", each.help,
                        parse_fraction);
        }
    }
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
