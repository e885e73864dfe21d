// The filtering of incoming mail (seed, Incoming Email Filtering): whether it is on, for the server
// and for an account, and how much spam came. Replies' fields are the JSON that ie-cli prints.
#pragma once

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie {

// Of an account, or of the server: `root`.
struct get_incoming {
    static constexpr std::string_view name = "get_incoming";
    static constexpr uint32_t version = 1;

    ie::account_name account;  // on whose behalf; empty: the caller's own view

    static constexpr auto fields() { return std::tuple{field{"account", &get_incoming::account}}; }
};

// An account's owner may switch for himself, root for each account and for the server (`root`).
// Answered by incoming_status when it is durable and in force.
struct change_incoming {
    static constexpr std::string_view name = "change_incoming";
    static constexpr uint32_t version = 1;

    ie::account_name account;
    bool on = false;

    static constexpr auto fields() {
        return std::tuple{field{"account", &change_incoming::account},
                          field{"on", &change_incoming::on}};
    }
};

struct incoming_status {
    static constexpr std::string_view name = "incoming_status";
    static constexpr uint32_t version = 1;

    ie::account_name account;  // lower case; root: the server
    bool server_on = false;
    bool account_on = false;  // has not opted out; only filtered where the server is on
    std::vector<ie::account_name> opted_out;  // all that have, by name; told to root of the server

    static constexpr auto fields() {
        return std::tuple{field{"account", &incoming_status::account},
                          field{"server_enabled", &incoming_status::server_on},
                          field{"enabled", &incoming_status::account_on},
                          field{"opted_out", &incoming_status::opted_out}};
    }
};

struct get_incoming_stats {
    static constexpr std::string_view name = "get_incoming_stats";
    static constexpr uint32_t version = 1;
    static constexpr uint32_t days_max = 400;

    ie::account_name account;  // as get_incoming's
    uint32_t days = 30;        // that end today; 1 to days_max

    static constexpr auto fields() {
        return std::tuple{field{"account", &get_incoming_stats::account},
                          field{"days", &get_incoming_stats::days}};
    }
};

// Mails that were filtered on one day. A mail counts once for the server, and once for each account
// that has recipients of it: as spam where it is that for one of them.
struct incoming_day {
    std::string date;  // of the server's calendar: 2026-11-26
    uint64_t spam = 0;
    uint64_t legitimate = 0;

    static constexpr auto fields() {
        return std::tuple{field{"date", &incoming_day::date}, field{"spam", &incoming_day::spam},
                          field{"legitimate", &incoming_day::legitimate}};
    }
};

// Newest first; days without mail are there, too.
struct incoming_stats {
    static constexpr std::string_view name = "incoming_stats";
    static constexpr uint32_t version = 1;

    ie::account_name account;
    std::vector<incoming_day> items;

    static constexpr auto fields() {
        return std::tuple{field{"account", &incoming_stats::account},
                          field{"items", &incoming_stats::items}};
    }
};

}  // namespace ie
