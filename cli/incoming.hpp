// Filtering of incoming mail: ie-cli's commands and ie-config's switches (seed, Incoming Email
// Filtering).
#pragma once

#include "cli/parser.hpp"

namespace ie::cli {

// ie-cli incoming status|enable|disable|stats
void add_incoming(CLI::App& program, session& self);

// ie-config enable-incoming, disable-incoming
void add_incoming_switches(CLI::App& program, session& self);

}  // namespace ie::cli
