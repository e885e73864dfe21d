// What an administrator decides beyond single mails, and the trail of it: the filter's settings
// (spec, filter-settings), what holds for accounts' parts of the quarantine (seed, Quarantine
// default settings), whitelists (seed, Whitelisting) and the audit trail.
#pragma once

#include "cli/parser.hpp"

namespace ie::cli {

void add_audit(CLI::App& program, session& self);
void add_filter_settings(CLI::App& program, session& self);
void add_quarantine_defaults(CLI::App& program, session& self);
void add_whitelist(CLI::App& program, session& self);

}  // namespace ie::cli
