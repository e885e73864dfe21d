// Enabling and disabling on a Debian server: `setup.hpp` tells what is promised.
#pragma once

#include "config/system/exim_setup/setup.hpp"

namespace ie::exim {

outcome<setup_report> enable_debian(const configuration& settings, const setup_options& options);
outcome<setup_report> disable_debian(const configuration& settings, const setup_options& options);
outcome<filter_finding> find_in_debian(const configuration& settings, const setup_options& options);

}  // namespace ie::exim
