// Which sender objects a report shows, and in which order (seed, Usage of stats subcommand). Pure.
#pragma once

#include "actors/statistics/leaf_counts.hpp"
#include "actors/statistics/object_names.hpp"
#include "messages/activity.hpp"

namespace ie {

struct activity_sums {
    uint64_t messages = 0;
    uint64_t quarantined = 0;

    bool none() const { return messages == 0 && quarantined == 0; }
};

// By an object's number; its first place is nobody's.
using sums_by_object = std::vector<activity_sums>;

// Adds a leaf's counts; those of an object that isn't in the table are passed over.
void add_leaf(sums_by_object& sums, const block_row& leaf);

// Gives the domains the sums of their addresses, and the accounts those of their domains.
void sum_up(const object_names& objects, sums_by_object& sums);

struct shown_domain {
    uint32_t number = 0;
    std::vector<uint32_t> sender_emails;
};

struct shown_account {
    uint32_t number = 0;
    std::vector<shown_domain> domains;
    std::vector<uint32_t> scripts;
};

struct activity_page {
    std::vector<shown_account> accounts;
    uint64_t max_count = 0;  // accounts that match
};

// Those that have something to show and pass the filters of `query`, with what is above them. Who
// sees one account only has it as `seen_account`; empty: all.
activity_page select_page(const object_names& objects, const sums_by_object& sums,
                          const get_activity& query, const account_name& seen_account);

}  // namespace ie
