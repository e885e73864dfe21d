// The commands of ie-config (seed, Version and Status).
#pragma once

#include "cli/parser.hpp"
#include "config/system/exim_setup/setup.hpp"
#include "messages/service.hpp"

namespace ie::cli {

// One line of `status` or `check`.
struct finding {
    std::string what;
    bool good = false;
    std::string text;      // what is there, or what is wrong and what to do
    bool skipped = false;  // it couldn't be looked at; neither good nor bad

    static constexpr auto fields() {
        return std::tuple{field{"name", &finding::what}, field{"ok", &finding::good},
                          field{"text", &finding::text}};
    }
};

// The columns are what, the state by name, and text. Failed where one of them is bad.
struct finding_words {
    const char* good;
    const char* bad;
};
exit_code print_findings(const session& self, const std::vector<finding>& all,
                         const finding_words& words);

void add_config_status(CLI::App& program, session& self);
void add_config_check(CLI::App& program, session& self);
void add_config_enable(CLI::App& program, session& self);
void add_config_disable(CLI::App& program, session& self);
void add_update_license(CLI::App& program, session& self);

// What was done to Exim's configuration, or would be: a line for each file and note.
std::string text_of(const exim::setup_report& report, bool is_dry_run = false);

// What the license says and whether that is in force.
finding find_license(const session& self, const configuration& settings);

// Where what goes into Exim's configuration is installed.
void add_fragments(CLI::App& command, std::string& folder);

// Has the running engine compare held mail's files with its database. A line for each problem.
std::vector<finding> check_store_of_engine(const session& self);

// Looks at all that engine and hook will need of this machine; changes nothing.
std::vector<finding> check_environment(const configuration& settings);

}  // namespace ie::cli
