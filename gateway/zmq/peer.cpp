#include "gateway/zmq/peer.hpp"

#include <unistd.h>

#include "config/system/unix_user.hpp"
#include "messages/text.hpp"

namespace ie {
outcome<role_rules> make_role_rules(const configuration& settings) {
    const auto exim_uid = uid_of_login(settings.hook.user);
    if (!exim_uid) {
        return fail(error_code::not_found,
                    "hook.user: there is no user " + log_value(settings.hook.user));
    }
    role_rules rules;
    rules.own_uid = geteuid();
    rules.exim_uid = *exim_uid;
    rules.accounts = settings.accounts.rules();
    return rules;
}

bool is_trusted(uint32_t uid, const role_rules& rules) {
    return uid == 0 || uid == rules.own_uid || uid == rules.exim_uid;
}

caller caller_of_user(const unix_user& user, const role_rules& rules,
                      const account_directory& accounts) {
    caller who;
    who.uid = user.uid;
    if (user.uid == 0 || user.uid == rules.own_uid) {
        who.role = caller_role::root;
        who.account = account_name{std::string(root_account)};
        return who;
    }
    if (user.uid == rules.exim_uid) {
        who.role = caller_role::exim;
        return who;
    }
    // "root" as an account's name stands for seeing all: no other uid may bear it.
    if (user.login.empty() || equal_ignoring_case(user.login, root_account)) return who;
    if (!is_account(user, rules.accounts, accounts)) return who;
    who.role = caller_role::account;
    who.account = account_name{user.login};
    return who;
}

}  // namespace ie
