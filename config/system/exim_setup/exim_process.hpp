// Asking Exim, and telling it: its settings and its daemon.
#pragma once

#include <chrono>

#include "config/system/exim_setup/exim_fragments.hpp"
#include "config/system/run_program.hpp"

namespace ie::exim {

// What `exim -bP NAME` says. Fails: unavailable.
outcome<std::string> exim_setting(const std::string& exim, const std::string& name);

// The daemons read their configuration anew. How many there were; none is no failure. Waits until
// each is seen to do so and listens again, this long at most. Fails: unavailable.
inline constexpr std::chrono::seconds reload_time_max{20};
outcome<int> reload_daemons(const std::string& exim,
                            std::chrono::milliseconds time_max = reload_time_max);

// Is there such a router in Exim's configuration? Fails: unavailable.
outcome<bool> has_router(const std::string& exim, const std::string& name);

// For an expansion as root that is to make nothing.
inline constexpr const char* no_folder_maker = "IE_FOLDER_MAKER=/bin/true";

// Can Exim expand this? `macros`: with these, each "NAME=VALUE", in the place of the
// configuration's. Fails: conflict.
outcome<nothing> check_expression(const std::string& exim, const expression& each,
                                  const std::vector<std::string>& macros = {});

}  // namespace ie::exim
