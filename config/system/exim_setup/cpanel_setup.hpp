// Enabling and disabling on a cPanel server: `setup.hpp` tells what is promised. cPanel's own
// scripts make exim.conf of the sources and try it; where they refuse, the sources are put back.
#pragma once

#include "config/system/exim_setup/setup.hpp"

namespace ie::exim {

outcome<setup_report> enable_cpanel(const configuration& settings, const setup_options& options);
outcome<setup_report> disable_cpanel(const configuration& settings, const setup_options& options);
outcome<filter_finding> find_in_cpanel(const configuration& settings, const setup_options& options);

}  // namespace ie::exim
