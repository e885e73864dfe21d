// Each account's part of the quarantine: how much it may hold, and what its owner may do there
// (seed, Accounts settings and Quarantine default settings). Replies' fields are the JSON that
// ie-cli prints, in its order.
#pragma once

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie {

// Whether an account's quarantine takes mail in. Where it is blocked, what would be held is
// refused.
enum class space_state : uint8_t { active, block };
constexpr auto enum_names(space_state) {
    return std::array<std::string_view, 2>{"active", "block"};
}

struct account_space {
    account_name account;
    uint64_t limit_bytes = 0;
    uint64_t used_bytes = 0;  // by files of held mail
    space_state state = space_state::active;
    uint32_t releases_limit = 0;     // by its owner, in 60 minutes
    uint64_t deleted_last_hour = 0;  // mails deleted for good, for room, for their age or by hand
    uint64_t held_mails = 0;         // asked about before a purge; not printed

    static constexpr auto fields() {
        return std::tuple{field{"name", &account_space::account},
                          field{"limit_bytes", &account_space::limit_bytes},
                          field{"used_bytes", &account_space::used_bytes},
                          field{"state", &account_space::state},
                          field{"releases_limit", &account_space::releases_limit},
                          field{"deleted_last_hour", &account_space::deleted_last_hour},
                          field{"held_mails", &account_space::held_mails}};
    }
};

// Those that have held mail at some time, or values of their own.
struct list_accounts {
    static constexpr std::string_view name = "list_accounts";
    static constexpr uint32_t version = 1;
    static constexpr uint32_t limit_max = 1'000;

    account_name account;        // on whose behalf; empty: the caller's own view
    account_name only;           // empty: all
    uint32_t limit = limit_max;  // 1 to limit_max
    uint32_t offset = 0;

    static constexpr auto fields() {
        return std::tuple{
            field{"account", &list_accounts::account}, field{"name", &list_accounts::only},
            field{"limit", &list_accounts::limit}, field{"offset", &list_accounts::offset}};
    }
};

// By name.
struct account_list {
    static constexpr std::string_view name = "account_list";
    static constexpr uint32_t version = 1;

    std::vector<account_space> items;
    uint64_t max_count = 0;  // that there are

    static constexpr auto fields() {
        return std::tuple{field{"items", &account_list::items},
                          field{"max_count", &account_list::max_count}};
    }
};

// What of an account is not the server's default.
struct edit_account {
    static constexpr std::string_view name = "edit_account";
    static constexpr uint32_t version = 1;
    static constexpr int64_t by_default = -1;  // from now on as the server's default is
    static constexpr int64_t unchanged = -2;

    account_name account;
    std::string state;                   // name of a space_state; empty: unchanged
    int64_t limit_bytes = unchanged;     // from 0
    int64_t releases_limit = unchanged;  // 0 to 4294967295

    static constexpr auto fields() {
        return std::tuple{field{"name", &edit_account::account},
                          field{"state", &edit_account::state},
                          field{"limit_bytes", &edit_account::limit_bytes},
                          field{"releases_limit", &edit_account::releases_limit}};
    }
};

// Durable and in force.
struct account_edited {
    static constexpr std::string_view name = "account_edited";
    static constexpr uint32_t version = 1;

    account_name account;  // as it is kept: lower case
    uint64_t limit_bytes = 0;
    space_state state = space_state::active;
    uint32_t releases_limit = 0;

    static constexpr auto fields() {
        return std::tuple{field{"name", &account_edited::account},
                          field{"limit_bytes", &account_edited::limit_bytes},
                          field{"state", &account_edited::state},
                          field{"releases_limit", &account_edited::releases_limit}};
    }
};

// Deletes the account's held mail, a bounded part of it with each request; its settings stay.
// "root" is what can't be attributed, not everybody's.
struct purge_account {
    static constexpr std::string_view name = "purge_account";
    static constexpr uint32_t version = 1;
    static constexpr uint32_t mails_max = 1'000;  // by one request

    account_name account;

    static constexpr auto fields() { return std::tuple{field{"name", &purge_account::account}}; }
};

struct account_purged {
    static constexpr std::string_view name = "account_purged";
    static constexpr uint32_t version = 1;

    uint64_t removed = 0;    // by this request
    uint64_t remaining = 0;  // ask again
    uint64_t releasing = 0;  // on their way out: not removed

    static constexpr auto fields() {
        return std::tuple{field{"removed", &account_purged::removed},
                          field{"remaining", &account_purged::remaining},
                          field{"releasing", &account_purged::releasing}};
    }
};

// Compares message files, database and sums: a part with each request, from `position` (first 0) to
// where the reply says.
struct check_store {
    static constexpr std::string_view name = "check_store";
    static constexpr uint32_t version = 1;

    uint32_t position = 0;

    static constexpr auto fields() { return std::tuple{field{"position", &check_store::position}}; }
};

struct store_checked {
    static constexpr std::string_view name = "store_checked";
    static constexpr uint32_t version = 1;
    static constexpr size_t problems_max = 100;  // told by one reply

    uint32_t position = 0;  // where to go on
    uint32_t end = 0;       // reached: all is checked
    uint64_t mails = 0;     // looked at by this request
    std::vector<std::string> problems;

    static constexpr auto fields() {
        return std::tuple{field{"position", &store_checked::position},
                          field{"end", &store_checked::end}, field{"mails", &store_checked::mails},
                          field{"problems", &store_checked::problems}};
    }
};

}  // namespace ie
