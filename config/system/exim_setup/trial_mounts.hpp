// The private view of the file system in which a configuration is tried. Only for a process that
// ends with it.
#pragma once

#include "config/system/exim_setup/trial.hpp"

namespace ie::exim {

// From now on what this process and its children write to Exim's configuration, spool and logs, and
// to the hook's sockets, is theirs alone. Fails: unavailable.
outcome<nothing> isolate(const trial_plan& plan);

// An empty spool from now on. Fails: unavailable.
outcome<nothing> renew_spool(const trial_plan& plan);

// No network from now on; Unix sockets are still reached. Fails: unavailable.
outcome<nothing> leave_network();

// Writes a file in place, keeping its mode and owner; without a text it goes. Refuses to touch what
// `isolate` hasn't copied. Fails: unavailable.
outcome<nothing> lay(const trial_plan& plan, const std::string& path,
                     const std::optional<std::string>& text);

}  // namespace ie::exim
