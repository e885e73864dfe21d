// Who is calling: the kernel's credentials of a client on ipc, and the role that follows from them.
// Nothing that the client says itself is looked at.
#pragma once

#include <optional>

#include "config/account_directory.hpp"
#include "config/settings_file.hpp"

namespace ie {

struct peer_credentials {
    uint32_t uid = 0;
    uint32_t gid = 0;
    uint32_t pid = 0;
};

// Reads libzmq's "Peer-Address" of a connection on ipc: `localhost:UID:GID:PID`. Undocumented
// there; a test holds libzmq to it. Nothing where it is anything else.
std::optional<peer_credentials> parse_peer_address(std::string_view text);

// What the roles follow from, fixed at start.
struct role_rules {
    uint32_t own_uid = 0;   // the engine's
    uint32_t exim_uid = 0;  // of settings_file's hook.user
    account_rules accounts;
};

// Fails: not_found (no user of that name).
outcome<role_rules> make_role_rules(const settings_file& settings);

// `user` has no login where the uid has none. Pure.
caller caller_of_user(const unix_user& user, const role_rules& rules,
                      const account_directory& accounts);

}  // namespace ie
