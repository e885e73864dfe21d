// What an administrator has decided about mail while the engine runs: limits, whitelists, filter
// switches. Immutable and pure; the settings actor makes a new one with each change, and whoever
// judges a mail takes the one that is in force then.
#pragma once

#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "messages/accounts.hpp"
#include "messages/hold_reason.hpp"
#include "messages/limits.hpp"

namespace ie {

// What holds for an account's part of the quarantine.
struct space_rules {
    static constexpr uint64_t limit_bytes_default = 100 << 20;
    static constexpr uint32_t releases_limit_default = 5;

    uint64_t limit_bytes = limit_bytes_default;
    uint32_t releases_limit = releases_limit_default;  // by its owner, in 60 minutes
    space_state state = space_state::active;
};

// What of it an account has of its own.
struct own_space {
    std::optional<uint64_t> limit_bytes;
    std::optional<uint32_t> releases_limit;
    space_state state = space_state::active;

    bool is_default() const {
        return !limit_bytes && !releases_limit && state == space_state::active;
    }
};

struct mail_policy {
    // Limits: mails or recipients in 60 minutes; 0 = unlimited.
    limit_mode mode = limit_mode::messages;
    std::array<uint32_t, sender_kinds> default_limits{};  // by sender_kind
    std::unordered_map<object_key, uint32_t, object_key_hash> own_limits;
    bool dry_run = false;  // limits are evaluated and told, nothing is held for them

    // Filter. What mail is held for: all that is known, unless switched off.
    reason_set reasons_on = reason_set::all();
    double spam_threshold = 6.0;
    bool notify_header = false;

    // Incoming mail.
    bool incoming_on = false;
    std::unordered_set<std::string> incoming_opt_outs;  // accounts, lower case

    // Whitelists: lower case, domains as A-labels.
    std::unordered_set<std::string> authusers;
    std::unordered_map<std::string, bool> senders;  // address or domain → whoever submits
    std::unordered_set<std::string> recipients;     // addresses and domains

    // The quarantine.
    space_rules default_space;
    std::unordered_map<std::string, own_space> own_spaces;  // by account, lower case

    bool limits_on() const { return reasons_on.has(hold_reason::ratelimit); }

    // In force for that account; an empty name is nobody's: root's.
    space_rules space_of(const account_name& account) const;

    // In force for that object; 0: unlimited.
    uint32_t limit_of(sender_kind kind, const object_key& key) const {
        const auto own = own_limits.find(key);
        return own != own_limits.end() ? own->second : default_limits[static_cast<size_t>(kind)];
    }
};

// Who sends what, as far as whitelists care. Addresses and domains may be as they came.
struct whitelist_question {
    std::string authenticated_id;  // empty: Exim authenticated nobody
    std::string sender_address;    // envelope sender; empty or no address: none
    std::string sender_domain;     // of that address
    account_name account;          // that the mail is attributed to
    bool owns_domain = false;      // the account owns the sender's domain
};

// Does an outgoing mail pass without filter and limits? An authuser entry holds for who has
// authenticated as that address. A sender entry, of the address or its very domain, holds for mail
// of the account that owns the domain, so that a forged MAIL FROM gains nothing; with
// `any_submitter` for everybody's, root's and unattributed mail too.
bool whitelisted(const mail_policy& policy, const whitelist_question& question);

// Does this account want its incoming mail filtered?
bool wants_incoming_filter(const mail_policy& policy, const account_name& account);

// Does an incoming mail to this address pass without filter?
bool recipient_whitelisted(const mail_policy& policy, std::string_view recipient);

}  // namespace ie
