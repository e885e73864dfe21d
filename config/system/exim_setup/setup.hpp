// Puts the filter into this server's Exim and takes it out again. All files are replaced or none:
// see `file_set.hpp`. On Debian nothing is replaced before it has been tried with real Exim
// processes (`trial.hpp`). On cPanel its own scripts make Exim's configuration of the sources and
// check it, and Exim expands the filter's expressions in it before it is restarted; no test message
// is sent.
//
// There is no journal: each file says by its marks what it was before, so that after a kill, at
// whatever moment, the next call finds out what is left to do; a mark in `state_folder` says that
// Exim may not have been told yet. The backups in `backup_folder` are for people, and for modes and
// times; they are there while the filter is in.
#pragma once

#include <functional>

#include "config/configuration.hpp"
#include "config/system/exim_setup/exim_text.hpp"

namespace ie::exim {

inline constexpr const char* fragments_folder = "/usr/share/imunifyemail/exim";
inline constexpr const char* state_folder = "/var/lib/imunifyemail";
inline constexpr const char* backup_folder = "/var/lib/imunifyemail/exim-backup";

enum class server_layout : uint8_t { debian, cpanel };
constexpr auto enum_names(server_layout) {
    return std::array<std::string_view, 2>{"debian", "cpanel"};
}

struct setup_options {
    server_layout layout = server_layout::debian;
    std::string fragments = fragments_folder;
    std::string root;      // before each of cPanel's paths; not for Debian's
    bool dry_run = false;  // tell what would change, change nothing
    bool force = false;    // take the filter out even where held mail is on its way

    std::function<void(const std::string&)> tell;  // one line on what is being done
};

// What was done, or in a dry run would be.
struct setup_report {
    struct change {
        std::string path;
        std::string what;  // created | changed | removed
        std::string text;  // lines of ours, '+', and what they take the place of, '-'

        static constexpr auto fields() {
            return std::tuple{field{"path", &change::path}, field{"what", &change::what}};
        }
    };
    std::vector<change> changes;  // none: all was as it should be
    std::vector<std::string> notes;
};

// In which of the two layouts this machine is.
server_layout detected_layout(const std::string& root = "");

// Fails: conflict (refused, with file, line and what to change), storage_failed, unavailable,
// not_found, bad_request; nothing has changed then.
outcome<setup_report> enable(const configuration& settings, const setup_options& options);
outcome<setup_report> disable(const configuration& settings, const setup_options& options);

enum class filter_state : uint8_t {
    enabled,
    disabled,
    altered,  // a part is missing or differs from what would be put there now
};
constexpr auto enum_names(filter_state) {
    return std::array<std::string_view, 3>{"enabled", "disabled", "altered"};
}
struct filter_finding {
    filter_state state = filter_state::disabled;
    std::string text;  // what differs, and what to do
};
// Changes nothing and tries nothing. Fails as `enable`.
outcome<filter_finding> find_filter(const configuration& settings, const setup_options& options);

}  // namespace ie::exim
