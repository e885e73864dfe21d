// What Rspamd is told about a mail beside its bytes: the request headers of its protocol. Pure. All
// of it may be an attacker's text: no value can end its line or begin another header (Rspamd knows
// headers that make it read a file instead, or change its rules), and no address can look broken to
// Rspamd that Exim took.
#pragma once

#include "messages/verdict.hpp"

namespace ie {

inline constexpr size_t rspamd_recipients_max = 1'000;  // of one mail that Rspamd is told
inline constexpr size_t rspamd_recipients_bytes_max = 48 << 10;
inline constexpr size_t rspamd_value_bytes_max = 1'024;  // of one header

// Lines `Name: value` without an end. `submitter`: who handed the mail in, empty where unknown.
std::vector<std::string> rspamd_request_headers(const judge_mail& mail, std::string_view submitter,
                                                std::string_view settings_id);

}  // namespace ie
