// ie-cli's commands about the engine and about itself: status, logs, version, completion, help.
#pragma once

#include "cli/parser.hpp"
#include "messages/service.hpp"

namespace ie::cli {

void add_status(CLI::App& program, session& self);
void add_logs(CLI::App& program, session& self);
void add_version(CLI::App& program, session& self, const std::string& description);
void add_completion(CLI::App& program, session& self);
void add_help_command(CLI::App& program, session& self);

// Pure.
std::string status_text(const engine_status& status);

}  // namespace ie::cli
