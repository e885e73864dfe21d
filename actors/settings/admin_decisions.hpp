// All that settings.db holds but the audit trail, and one change of it. Pure.
#pragma once

#include <map>
#include <set>

#include "actors/settings/limit_rules.hpp"
#include "actors/settings/space_rules.hpp"
#include "actors/settings/whitelist_rules.hpp"
#include "config/mail_policy.hpp"

namespace ie {

// Whether an account wants its incoming mail filtered.
struct incoming_choice {
    account_name account;  // lower case
    bool on = true;
};

struct admin_decisions {
    std::map<std::string, std::string> values;  // of settings that were ever set, by name
    limit_table limits;
    whitelist_book lists;
    space_table spaces;
    std::set<std::string> incoming_opt_outs;        // accounts, lower case
    std::map<std::string, uint64_t> audit_sources;  // the last number of each that is in the trail
};

// What is made durable in one step, with the records that tell of it.
struct decision_change {
    std::vector<setting> values;
    std::vector<individual_limit> limits;  // -1: removed
    std::vector<whitelist_entry> listed;   // new, or to be replaced
    std::vector<whitelist_entry> unlisted;
    std::vector<account_settings> spaces;  // all default: removed
    std::vector<incoming_choice> incoming;
    std::vector<audit_record> trail;
    std::vector<audit_record> refusals;  // belong to no change: what somebody may not
    std::string source;  // that `trail` is of, up to `source_number`; empty: it is our own
    uint64_t source_number = 0;

    bool changes_policy() const {
        return !values.empty() || !limits.empty() || !listed.empty() || !unlisted.empty() ||
               !spaces.empty() || !incoming.empty();
    }
    bool empty() const { return !changes_policy() && trail.empty() && refusals.empty(); }
};

void apply(admin_decisions& content, const decision_change& change);

// What brings settings that hold nothing to these, but for the sources.
decision_change change_to(const admin_decisions& content);

struct policy_made {
    mail_policy policy;
    std::vector<std::string> refused;  // values that can't be read; their defaults hold
};

policy_made policy_of(const admin_decisions& content, const mail_policy& defaults);

}  // namespace ie
