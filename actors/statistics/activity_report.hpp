// The Activity Monitor's report of a page of sender objects: their counts beside the limits that
// are in force, what is left of those, and who is whitelisted. Pure.
#pragma once

#include "actors/statistics/activity_tree.hpp"
#include "config/account_directory.hpp"
#include "config/mail_policy.hpp"

namespace ie {

using usage_by_key = std::unordered_map<object_key, object_usage, object_key_hash>;

// Fails: bad_request, which names the value that is out of range.
outcome<nothing> check_activity_query(const get_activity& query);

// What the report of the page takes on the wire, a little too much rather than too little.
size_t report_bytes(const activity_page& page, const object_names& objects);

// The page's objects that have a limit: only of these the usage is of interest.
std::vector<object_key> limited_objects(const activity_page& page, const object_names& objects,
                                        const mail_policy& policy);

struct report_sources {
    const object_names& objects;
    const sums_by_object& sums;
    const mail_policy& policy;
    const account_directory& directory;
    const usage_by_key& usage;  // of the limited objects
};

std::vector<account_activity> make_report(const activity_page& page, const report_sources& from);

}  // namespace ie
