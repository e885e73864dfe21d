// Who is calling: the kernel's credentials of a client on ipc, and the role that follows from them.
// Nothing that the client says itself is looked at.
#pragma once

#include "config/account_directory.hpp"
#include "config/configuration.hpp"

namespace ie {

// What the roles follow from, fixed at start.
struct role_rules {
    uint32_t own_uid = 0;   // the engine's
    uint32_t exim_uid = 0;  // of configuration's hook.user
    account_rules accounts;
};

// Fails: not_found (no user of that name).
outcome<role_rules> make_role_rules(const configuration& settings);

// Root's, the engine's own and the hook's: what they may follows from the uid alone.
bool is_trusted(uint32_t uid, const role_rules& rules);

// `user` has no login where the uid has none; that of a trusted one isn't looked at. Pure.
caller caller_of_user(const unix_user& user, const role_rules& rules,
                      const account_directory& accounts);

}  // namespace ie
