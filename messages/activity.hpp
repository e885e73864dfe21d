// The Activity Monitor (seed, Usage of stats subcommand): what each sender object sent and what was
// held of it. Fields are the JSON that ie-cli prints, its keys in alphabetical order; what comes
// after `whitelisted` is shown to an account's owner only.
#pragma once

#include "messages/limits.hpp"
#include "messages/verdict.hpp"

namespace ie {

// A filter that is given shows the objects of that name and those above them; each keeps its own
// numbers. Names compare without regard to case; a script's matches anywhere.
struct get_activity {
    static constexpr std::string_view name = "get_activity";
    static constexpr uint32_t version = 1;
    static constexpr uint32_t limit_max = 1'000;
    static constexpr int64_t since_s_max = 100LL * 365 * 24 * 3600;

    account_name account;     // on whose behalf; empty: the caller's own view
    int64_t since_s = 3'600;  // before now, 0 to since_s_max
    std::string account_filter;
    std::string domain_filter;
    std::string sender_filter;
    std::string script_filter;
    uint32_t limit = 25;  // accounts; 1 to limit_max
    uint32_t offset = 0;  // accounts

    static constexpr auto fields() {
        return std::tuple{field{"account", &get_activity::account},
                          field{"since_s", &get_activity::since_s},
                          field{"account_name", &get_activity::account_filter},
                          field{"domain", &get_activity::domain_filter},
                          field{"sender_email", &get_activity::sender_filter},
                          field{"script_name", &get_activity::script_filter},
                          field{"limit", &get_activity::limit},
                          field{"offset", &get_activity::offset}};
    }
};

// A sender address or a script.
struct sender_activity {
    object_id account_id;
    object_id domain_id;  // empty: a script
    bool has_own_limit = false;
    object_id id;
    uint32_t limit = 0;     // in force; 0: unlimited
    uint64_t messages = 0;  // sent out
    std::string object;     // its name
    uint64_t quarantined = 0;
    bool at_limit = false;
    bool whitelisted = false;
    int64_t remaining = -1;  // in the window that ends now; -1: unlimited

    static constexpr auto fields() {
        return std::tuple{field{"account_id", &sender_activity::account_id},
                          field{"domain_id", &sender_activity::domain_id},
                          field{"exclusion", &sender_activity::has_own_limit},
                          field{"id", &sender_activity::id},
                          field{"limit", &sender_activity::limit},
                          field{"messages", &sender_activity::messages},
                          field{"name", &sender_activity::object},
                          field{"quarantined", &sender_activity::quarantined},
                          field{"rateLimited", &sender_activity::at_limit},
                          field{"whitelisted", &sender_activity::whitelisted},
                          field{"remaining", &sender_activity::remaining}};
    }
};

struct domain_activity {
    object_id account_id;
    bool has_own_limit = false;
    object_id id;
    uint32_t limit = 0;
    uint64_t messages = 0;
    std::string object;
    uint64_t quarantined = 0;
    bool at_limit = false;
    std::vector<sender_activity> sender_emails;
    bool whitelisted = false;
    int64_t remaining = -1;

    static constexpr auto fields() {
        return std::tuple{field{"account_id", &domain_activity::account_id},
                          field{"exclusion", &domain_activity::has_own_limit},
                          field{"id", &domain_activity::id},
                          field{"limit", &domain_activity::limit},
                          field{"messages", &domain_activity::messages},
                          field{"name", &domain_activity::object},
                          field{"quarantined", &domain_activity::quarantined},
                          field{"rateLimited", &domain_activity::at_limit},
                          field{"sender_emails", &domain_activity::sender_emails},
                          field{"whitelisted", &domain_activity::whitelisted},
                          field{"remaining", &domain_activity::remaining}};
    }
};

// The last mail of an account that was held.
struct last_hold {
    int64_t held_at_s = 0;  // Unix time; 0: none was
    std::vector<hold_reason> reasons;
    std::string sender;
    std::vector<limit_hit> limits;  // that it would have exceeded

    static constexpr auto fields() {
        return std::tuple{field{"date", &last_hold::held_at_s},
                          field{"reasons", &last_hold::reasons},
                          field{"sender", &last_hold::sender}, field{"limits", &last_hold::limits}};
    }
};

struct account_activity {
    std::vector<domain_activity> domains;
    bool has_own_limit = false;
    object_id id;
    uint32_t limit = 0;
    uint64_t messages = 0;
    std::string object;
    uint64_t quarantined = 0;
    bool at_limit = false;
    std::vector<sender_activity> scripts;
    bool whitelisted = false;
    int64_t remaining = -1;
    last_hold last_held;

    static constexpr auto fields() {
        return std::tuple{field{"domains", &account_activity::domains},
                          field{"exclusion", &account_activity::has_own_limit},
                          field{"id", &account_activity::id},
                          field{"limit", &account_activity::limit},
                          field{"messages", &account_activity::messages},
                          field{"name", &account_activity::object},
                          field{"quarantined", &account_activity::quarantined},
                          field{"rateLimited", &account_activity::at_limit},
                          field{"scripts", &account_activity::scripts},
                          field{"whitelisted", &account_activity::whitelisted},
                          field{"remaining", &account_activity::remaining},
                          field{"last_held", &account_activity::last_held}};
    }
};

// Those that sent most come first, of accounts and of what is below them.
struct activity_report {
    static constexpr std::string_view name = "activity_report";
    static constexpr uint32_t version = 1;

    std::vector<account_activity> accounts;
    uint64_t max_count = 0;  // accounts that match, of which `accounts` is one page
    bool own_view = false;   // the caller is the account's owner
    int64_t since_s = 0;     // Unix time: from when the numbers count, inclusive

    static constexpr auto fields() {
        return std::tuple{field{"accounts", &activity_report::accounts},
                          field{"max_count", &activity_report::max_count},
                          field{"own_view", &activity_report::own_view},
                          field{"since", &activity_report::since_s}};
    }
};

}  // namespace ie
