// What cPanel's Exim sources look like with the filter in them: sections of exim.conf.local, ACL
// includes, and the switches of those includes in exim.conf.localopts. Pure. By cPanel's
// documentation; exim.conf itself is made of these by cPanel's buildeximconf, and `check_built`
// says whether it was made as meant.
#pragma once

#include "config/system/exim_setup/debian_plan.hpp"

namespace ie::exim {

inline constexpr const char* cpanel_local = "/etc/exim.conf.local";
inline constexpr const char* cpanel_options = "/etc/exim.conf.localopts";
inline constexpr const char* cpanel_built = "/etc/exim.conf";
inline constexpr const char* cpanel_data_acl =
    "/usr/local/cpanel/etc/exim/acls/ACL_CHECK_MESSAGE_PRE_BLOCK/custom_begin_check_message_pre";
inline constexpr const char* cpanel_local_acl =
    "/usr/local/cpanel/etc/exim/acls/ACL_NOT_SMTP_BLOCK/custom_begin_not_smtp";

// `originals`: the sources without the filter, by path; one that isn't there is empty. `built`:
// exim.conf as it is now. Gives the texts of all four sources. Fails: conflict, bad_request.
outcome<file_texts> cpanel_with_filter(const file_texts& originals, const std::string& built,
                                       const fragments& parts, const server_values& values);

// Is the filter in exim.conf where it belongs? Fails: conflict.
outcome<nothing> check_built(const std::string& built, const fragments& parts);

}  // namespace ie::exim
