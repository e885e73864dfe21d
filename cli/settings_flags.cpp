#include "cli/settings_flags.hpp"

#include <algorithm>

namespace ie::cli {
namespace {

outcome<std::string> read_switch(std::string_view text) {
    const auto on = parse_switch(text);
    if (!on) return on.failure();
    return std::string(*on ? "on" : "off");
}

std::string_view value_of(const settings_values& settings, std::string_view name) {
    const auto found = std::find_if(settings.items.begin(), settings.items.end(),
                                    [&](const setting& each) { return each.key == name; });
    return found == settings.items.end() ? std::string_view{} : found->value;
}

}  // namespace

CLI::Option* add_setting_switch(CLI::App& command, setting_flags& flags, const std::string& flag,
                                const std::string& setting, const std::string& description) {
    return add_setting(command, flags, flag, setting, "on|off", description, read_switch);
}

outcome<settings_values> settle(const session& self, const setting_flags& flags) {
    auto engine = connect(self);
    if (!engine) return engine.failure();
    change_settings request;
    for (const auto& [name, value] : flags) {
        if (!value.empty()) request.changes.push_back({name, value});
    }
    if (request.changes.empty()) return engine->ask<settings_values>(get_settings{});
    return engine->ask<settings_values>(request);
}

json number_setting(const settings_values& settings, std::string_view name) {
    json value = json::parse(value_of(settings, name), nullptr, false);
    return value.is_number() ? value : json();
}

json switch_setting(const settings_values& settings, std::string_view name) {
    const auto value = value_of(settings, name);
    if (value != "on" && value != "off") return {};
    return value == "on";
}

}  // namespace ie::cli
