// Commands that show or change some of the engine's settings (filter-settings, am server-settings).
#pragma once

#include <map>

#include "cli/parser.hpp"
#include "messages/settings.hpp"

namespace ie::cli {

// What flags want a setting to be, by its name; empty: it is left as it is.
using setting_flags = std::map<std::string, std::string>;

// A flag for a setting of that name. `parse` gives an outcome<std::string>.
template <class Parse>
CLI::Option* add_setting(CLI::App& command, setting_flags& flags, const std::string& flag,
                         const std::string& setting, const std::string& type,
                         const std::string& description, Parse parse) {
    return add_value(command, flag, flags[setting], type, description, parse)->group(flags_group);
}

// One that takes on|off.
CLI::Option* add_setting_switch(CLI::App& command, setting_flags& flags, const std::string& flag,
                                const std::string& setting, const std::string& description);

// Changes what the flags ask for, where they ask for anything, and gives all settings as they are
// then.
outcome<settings_values> settle(const session& self, const setting_flags& flags);

// A setting as JSON; null where the engine has none of that name or it reads otherwise.
json number_setting(const settings_values& settings, std::string_view name);
json switch_setting(const settings_values& settings, std::string_view name);

}  // namespace ie::cli
