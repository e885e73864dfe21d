// The command group `ie-cli am` (seed, Activity Monitor).
#pragma once

#include "cli/parser.hpp"

namespace ie::cli {

void add_am(CLI::App& program, session& self);

// Its parts, each in a file of its own.
void add_am_limit(CLI::App& am, session& self);
void add_am_server_settings(CLI::App& am, session& self);
void add_am_stats(CLI::App& am, session& self);

// Where the ids come from.
inline constexpr std::string_view ids_remedy = "'ie-cli am stats' shows the ids";

}  // namespace ie::cli
