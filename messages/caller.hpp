// Who is asking, as the gateway knows it from the kernel (or a key, or a session): never from what
// the request says. It goes beside each request to the actor that serves it.
#pragma once

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie {

enum class caller_role : uint8_t {
    stranger,  // neither of the others: may do nothing
    account,   // the owner of one account
    exim,      // the hook
    root,      // root, the engine's own user, or a key of the configuration's
};
constexpr auto enum_names(caller_role) {
    return std::array<std::string_view, 4>{"stranger", "account", "exim", "root"};
}

struct caller {
    caller_role role = caller_role::stranger;
    uint32_t uid = 0;
    account_name account;    // of an account's owner, and "root"
    std::string key_name{};  // of a caller on the network; empty: on this machine

    static constexpr auto fields() {
        return std::tuple{field{"role", &caller::role}, field{"uid", &caller::uid},
                          field{"account", &caller::account}, field{"key", &caller::key_name}};
    }
};

// On whose behalf `who` acts when the request names `asked` (empty: whoever it is).
// Returns "root" for one who sees every account. Fails: not_permitted.
outcome<account_name> acting_account(const caller& who, const account_name& asked);

}  // namespace ie
