// What canned engines know beyond held mail: spaces, activity, limits, settings, whitelists, audit
// trail.
#pragma once

#include <map>

#include "tests/cli/fake_engine.hpp"

namespace ie::testing {

struct rules {
    std::vector<account_space> spaces;  // of which a purge takes one mail at a time
    activity_report activity;
    limit_list limits;
    std::map<std::string, std::string> settings;
    std::map<whitelist_kind, whitelist_entries> whitelists;
    std::vector<std::string> known;  // "were there already" when they are added
    bool incoming_on = false;        // of the server
    std::vector<account_name> incoming_opt_outs;
    std::vector<incoming_day> incoming_days;
    audit_list trail;
};

// The seed's samples, and what it has none of.
rules seed_rules();

// The account of the seed's samples that has a limit of releases.
rules seed_account_rules();

// As the account's owner sees it.
rules owner_rules();

// All names and texts are somebody's who means harm, and no setting is readable.
rules evil_rules();

// The answer, if it is a question about them. Changes are kept.
std::optional<parcel> answer_rules(const parcel& request, rules& all);

}  // namespace ie::testing
