// The files that an account directory is made of (configuration.accounts). Every call reads the
// disk; nothing is kept.
#pragma once

#include <functional>

#include "config/account_directory.hpp"
#include "config/configuration.hpp"

namespace ie {

// What tells one version of a file from another without reading it.
struct file_stamp {
    uint64_t inode = 0;  // 0: there is no such file
    int64_t size_bytes = 0;
    int64_t modified_ns = 0;

    bool operator==(const file_stamp&) const = default;
};

// Of each file that is configured, in the order in which they are read.
std::vector<file_stamp> account_file_stamps(const configuration::accounts_part& files);

// All of them, or none: one that is broken fails the whole. cPanel's domain map must be there, the
// others may be absent. Fails: not_found, bad_request (with path and line), too_large.
outcome<account_directory> read_account_directory(const configuration::accounts_part& files);

// Is there an account of that name? Asks the system's users besides the directory.
bool is_account_name(const std::string& name, const account_rules& rules,
                     const account_directory& directory);

// Whose a recipient's address here is: the owner's of its domain, else the account's that its local
// part names (`is_account`, asked for a login in lower case). `root` where it is nobody's. Pure.
account_name account_of_recipient(std::string_view address, const account_directory& directory,
                                  const std::function<bool(const std::string& login)>& is_account);

// "/etc/userdomains, 1204 domains of 310 accounts", or who the accounts are without a map.
std::string account_summary(const configuration::accounts_part& files,
                            const account_directory& directory);

}  // namespace ie
