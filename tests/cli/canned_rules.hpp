// What canned engines know beyond held mail: activity, limits, settings, whitelists, audit trail.
#pragma once

#include <map>

#include "tests/cli/fake_engine.hpp"

namespace ie::testing {

struct rules {
    activity_report activity;
    limit_list limits;
    std::map<std::string, std::string> settings;
    std::map<whitelist_kind, whitelist_entries> whitelists;
    std::vector<std::string> known;  // "were there already" when they are added
    audit_list trail;
};

// The seed's samples, and what it has none of.
rules seed_rules();

// As the account's owner sees it.
rules owner_rules();

// All names and texts are somebody's who means harm, and no setting is readable.
rules evil_rules();

// The answer, if it is a question about them. Changes are kept.
std::optional<parcel> answer_rules(const parcel& request, rules& all);

}  // namespace ie::testing
