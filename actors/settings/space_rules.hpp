// What may be asked about an account's part of the quarantine, and how it reads in the audit trail.
// Pure.
#pragma once

#include <map>

#include "config/mail_policy.hpp"

namespace ie {

inline constexpr size_t own_spaces_max = 100'000;  // accounts with values of their own
inline constexpr size_t account_name_bytes_max = 255;

struct account_settings {
    account_name account;  // lower case
    own_space own;
};

using space_table = std::map<std::string, own_space>;  // by account, lower case

// Fails: bad_request, with what is wrong and what would be right.
outcome<own_space> edited(const own_space& now, const edit_account& change);

// One value that an edit has changed, as text: "default" where there is none of its own.
struct changed_value {
    std::string key;
    std::string before;
    std::string after;
};
std::vector<changed_value> changed_values(const own_space& before, const own_space& after);

}  // namespace ie
