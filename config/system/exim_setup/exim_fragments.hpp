// The filter's part of an Exim configuration: the installed fragments (config/system/exim), filled
// in for this server. Pure. What is in them is data: only their names and places are known here.
#pragma once

#include "config/configuration.hpp"
#include "config/system/exim_setup/exim_text.hpp"

namespace ie::exim {

// The texts of the fragments, each with its path for messages.
struct fragments {
    config_file macros;        // belongs into the main section
    config_file acl;           // ACLs; has acl_ie_judge
    config_file routers;       // before all other routers
    config_file junk_routers;  // before the router that delivers to mailboxes; empty text: none
    config_file transports;

    std::vector<config_file> all() const {
        return {macros, acl, routers, junk_routers, transports};
    }
};

inline constexpr std::string_view engine_user = "_imunifyemail";

// What the macros are set to. Not trusted: checked by `filled_in`.
struct server_values {
    std::string judge_socket;
    std::string lmtp_socket;
    std::string hook_gone;          // accept | defer
    uint32_t judge_timeout_ms = 0;  // the hook's own
    std::string relay_hosts;        // an Exim list; empty: as the fragment has it
    uint32_t release_uid = 0;       // of engine_user
    std::string incoming_switch = configuration{}.hook.incoming_switch;
    std::string junk_folder = configuration{}.incoming.junk_folder;
    std::string domain_map = configuration{}.accounts.domain_map;  // empty: as the fragment has it
    std::string mailbox = {};  // his own expansion, or a macro; empty: as the fragment has it
};

// The main section's fragment with this server's values; with `own_received_text`, the
// administrator's text (the macro IE_OWN_RECEIVED_TEXT, where it is defined) in the Received line.
// Fails: bad_request (a value that Exim would read otherwise; a macro that the fragment doesn't
// define in the known form).
outcome<std::string> filled_in(const config_file& macros, const server_values& values,
                               bool own_received_text);

// Something in a fragment that Exim expands.
struct expression {
    std::string place;  // file:line
    std::string name;   // option, condition or macro
    std::string text;
};
// `mailbox` is the administrator's own (incoming.mailbox), or empty.
std::vector<expression> expressions(const fragments& parts, const std::string& mailbox = "");

// Names that only the fragments and what is generated beside them may define.
struct owned_names {
    std::vector<std::string> macros;
    std::vector<std::string> acls;
    std::vector<std::string> routers;
    std::vector<std::string> transports;
};
owned_names names_in(const fragments& parts);

// Why the fragments can't go into this configuration: a name of theirs that is defined in it, a
// macro of it that would be replaced inside of them. Fails: conflict, with file, line and what to
// change.
outcome<nothing> check_names(const std::vector<config_file>& files, const fragments& parts);

// The same, and a list that they need and it lacks.
outcome<nothing> check_clashes(const std::vector<config_file>& files, const fragments& parts);

}  // namespace ie::exim
