// All that settings.db holds but the audit trail, and one change of it. Pure.
#pragma once

#include <map>

#include "actors/settings/limit_rules.hpp"
#include "actors/settings/whitelist_rules.hpp"
#include "config/mail_policy.hpp"

namespace ie {

struct settings_content {
    std::map<std::string, std::string> values;  // of settings that were ever set, by name
    limit_table limits;
    whitelist_book lists;
};

// What is made durable in one step, with the records that tell of it.
struct settings_change {
    std::vector<setting> values;
    std::vector<individual_limit> limits;  // -1: removed
    std::vector<whitelist_entry> listed;   // new, or to be replaced
    std::vector<whitelist_entry> unlisted;
    std::vector<audit_record> trail;
    std::vector<audit_record> refusals;  // belong to no change: what somebody may not

    bool changes_policy() const {
        return !values.empty() || !limits.empty() || !listed.empty() || !unlisted.empty();
    }
    bool empty() const { return !changes_policy() && trail.empty() && refusals.empty(); }
};

void apply(settings_content& content, const settings_change& change);

struct policy_made {
    mail_policy policy;
    std::vector<std::string> refused;  // values that can't be read; their defaults hold
};

policy_made policy_of(const settings_content& content, const mail_policy& defaults);

}  // namespace ie
