// The options of Exim's main section that the filter shares with the administrator: where he has
// set one, his value is kept as a macro IE_OWN_… and the filter's is built on it. Pure.
#pragma once

#include "config/system/exim_setup/exim_text.hpp"

namespace ie::exim {

// His setting of one of these options.
struct own_option {
    std::string option;  // acl_smtp_data, acl_not_smtp, trusted_users, received_header_text
    std::string macro;   // IE_OWN_SMTP_DATA, …
    config_line line;
    std::string value;  // as Exim understands it, without quotes
};

// Each line that sets one of them; in branches of .ifdef there may be several. Fails: conflict
// (what can't be kept), with file, line and what to change.
outcome<std::vector<own_option>> find_own_options(const std::vector<config_file>& files);

// What takes the place of the line: his value as a macro, and the filter's setting.
std::string replacing(const own_option& own, std::string_view line_as_it_is);

// Where the line is `option = MACRO` and the file gives the macro a default under .ifndef: what,
// put before that file, has the same effect and leaves the file alone. Otherwise nothing.
std::optional<std::string> overriding(const std::vector<config_file>& files, const own_option& own);

// Sets those of the options that nobody has set when the main section ends.
std::string setting_the_rest();

// The ACLs that call his and then the filter's. An accept of his goes on to the filter; deny, drop,
// defer and discard count as he gave them (Exim's specification, chapter 43, "acl" and "endpass").
std::string chaining_acls();

}  // namespace ie::exim
