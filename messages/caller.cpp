#include "messages/caller.hpp"

#include "messages/text.hpp"

namespace ie {

outcome<account_name> acting_account(const caller& who, const account_name& asked) {
    if (who.role == caller_role::root) {
        return asked.empty() ? account_name{std::string(root_account)} : asked;
    }
    const bool own = asked.empty() || equal_ignoring_case(asked.value, who.account.value);
    if (who.role == caller_role::account && own) return who.account;
    return fail(error_code::not_permitted,
                "uid " + std::to_string(who.uid) + " may not act for account " +
                    (asked.empty() ? std::string("root") : printable(asked.value)));
}

}  // namespace ie
