#include "config/mail_policy.hpp"

#include "config/domain_name.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

bool is_authuser(const mail_policy& policy, const std::string& authenticated_id) {
    if (policy.authusers.empty() || authenticated_id.empty()) return false;
    const auto address = normal_address(authenticated_id);
    return address && policy.authusers.contains(*address);
}

// What `senders` has for a name: that it holds, and for whom.
bool sender_entry_holds(const mail_policy& policy, const std::string& name, bool owned) {
    const auto found = policy.senders.find(name);
    return found != policy.senders.end() && (found->second || owned);
}

}  // namespace

space_rules mail_policy::space_of(const account_name& account) const {
    const auto found = own_spaces.find(to_lower(account.value));
    if (found == own_spaces.end()) return default_space;
    const own_space& own = found->second;
    return {own.limit_bytes.value_or(default_space.limit_bytes),
            own.releases_limit.value_or(default_space.releases_limit), own.state};
}

bool whitelisted(const mail_policy& policy, const whitelist_question& question) {
    if (is_authuser(policy, question.authenticated_id)) return true;
    if (policy.senders.empty()) return false;
    const auto domain = normal_domain(question.sender_domain);
    if (!domain) return false;
    const bool attributed =
        !question.account.empty() && !equal_ignoring_case(question.account.value, root_account);
    const bool owned = attributed && question.owns_domain;
    if (sender_entry_holds(policy, *domain, owned)) return true;
    const auto address = normal_address(question.sender_address);
    // The domain that the account was found to own must be that of the address.
    return address && domain_part(*address) == *domain &&
           sender_entry_holds(policy, *address, owned);
}

bool wants_incoming_filter(const mail_policy& policy, const account_name& account) {
    return policy.incoming_opt_outs.empty() ||
           !policy.incoming_opt_outs.contains(to_lower(account.value));
}

bool recipient_whitelisted(const mail_policy& policy, std::string_view recipient) {
    if (policy.recipients.empty()) return false;
    const auto address = normal_address(recipient);
    return address && (policy.recipients.contains(*address) ||
                       policy.recipients.contains(std::string(domain_part(*address))));
}

}  // namespace ie
