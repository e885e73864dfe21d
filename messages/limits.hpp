// Who may send how much in an hour (seed, Activity Monitor and Sender limits): what intake asks the
// rate limiter, and what an administrator sets.
#pragma once

#include "messages/sender_object.hpp"

namespace ie {

// What a limit counts (seed, Activity Monitor Settings). The values are the seed's `--limit-mode`.
enum class limit_mode : uint8_t { none, messages, recipients };
constexpr auto enum_names(limit_mode) {
    return std::array<std::string_view, 3>{"none", "messages", "recipients"};
}

// An object that had no room for a mail.
struct limit_hit {
    sender_kind kind = sender_kind::account;
    std::string name;
    uint32_t limit = 0;
    uint64_t count = 0;  // let through in the window, without this mail
    limit_mode mode = limit_mode::messages;
    uint32_t window_s = 3'600;

    static constexpr auto fields() {
        return std::tuple{
            field{"type", &limit_hit::kind},   field{"name", &limit_hit::name},
            field{"limit", &limit_hit::limit}, field{"count", &limit_hit::count},
            field{"mode", &limit_hit::mode},   field{"window_s", &limit_hit::window_s}};
    }
};

// "domain shop.test: 3 of 3 messages in 60 minutes"
std::string limit_text(const limit_hit& hit);

// Intake to rate limiter: may this mail go out now? Counted at once where it may.
struct reserve_quota {
    sender_objects owner;
    uint32_t recipients = 1;
    bool is_bounce = false;    // null sender: counted for its account, never limited
    bool whitelisted = false;  // neither counted nor limited

    static constexpr auto fields() {
        return std::tuple{field{"owner", &reserve_quota::owner},
                          field{"recipients", &reserve_quota::recipients},
                          field{"is_bounce", &reserve_quota::is_bounce},
                          field{"whitelisted", &reserve_quota::whitelisted}};
    }
};

// What was counted, as it can be taken back.
struct quota_reservation {
    int64_t at_ms = 0;  // by the limiter's own time
    uint32_t recipients = 0;
    object_keys keys;  // of those that were counted

    static constexpr auto fields() {
        return std::tuple{field{"at_ms", &quota_reservation::at_ms},
                          field{"recipients", &quota_reservation::recipients},
                          field{"keys", &quota_reservation::keys}};
    }
};

struct quota_verdict {
    sender_objects owner;         // as it is counted: perhaps under `other`
    object_keys keys;             // the owner's
    std::vector<limit_hit> hits;  // empty: it may go out
    quota_reservation reservation;

    static constexpr auto fields() {
        return std::tuple{field{"owner", &quota_verdict::owner},
                          field{"keys", &quota_verdict::keys}, field{"hits", &quota_verdict::hits},
                          field{"reservation", &quota_verdict::reservation}};
    }
};

// Intake to rate limiter: the mail is held for another reason, its place is free again.
struct give_back_quota {
    quota_reservation reservation;

    static constexpr auto fields() {
        return std::tuple{field{"reservation", &give_back_quota::reservation}};
    }
};

// Intake to rate limiter: the mail goes out only now, long after it was counted.
struct renew_quota {
    quota_reservation reservation;

    static constexpr auto fields() {
        return std::tuple{field{"reservation", &renew_quota::reservation}};
    }
};

// Statistics to rate limiter: what was let through in the window. The reply is in the same order.
struct get_usage {
    std::vector<object_key> keys;

    static constexpr auto fields() { return std::tuple{field{"keys", &get_usage::keys}}; }
};

struct object_usage {
    uint64_t messages = 0;
    uint64_t recipients = 0;

    static constexpr auto fields() {
        return std::tuple{field{"messages", &object_usage::messages},
                          field{"recipients", &object_usage::recipients}};
    }
};

struct usage_list {
    std::vector<object_usage> items;

    static constexpr auto fields() { return std::tuple{field{"items", &usage_list::items}}; }
};

// Settings to rate limiter: what the objects have sent in the window counts no more. The reply is
// what that was.
struct forget_counts {
    std::vector<object_key> keys;

    static constexpr auto fields() { return std::tuple{field{"keys", &forget_counts::keys}}; }
};

// Settings to statistics: which sender objects are these? Unknown ones are left out of the reply.
struct find_objects {
    std::vector<object_id> ids;

    static constexpr auto fields() { return std::tuple{field{"ids", &find_objects::ids}}; }
};

struct known_object {
    object_id id;
    sender_kind kind = sender_kind::account;
    account_name account;
    std::string object;  // its name

    static constexpr auto fields() {
        return std::tuple{field{"id", &known_object::id}, field{"type", &known_object::kind},
                          field{"account", &known_object::account},
                          field{"name", &known_object::object}};
    }
};

struct objects_found {
    std::vector<known_object> items;

    static constexpr auto fields() { return std::tuple{field{"items", &objects_found::items}}; }
};

// Sets the individual limit of each object, or removes it. All or nothing. Answered by limit_list,
// with the objects that were named, when it is durable and in force.
struct change_limits {
    static constexpr std::string_view name = "change_limits";
    static constexpr uint32_t version = 1;
    static constexpr int64_t remove = -1;
    static constexpr int64_t limit_max = 0xFFFF'FFFF;
    static constexpr size_t ids_max = 1'000;

    std::vector<object_id> ids;
    sender_kind kind = sender_kind::account;  // that each of them must be
    int64_t limit = remove;                   // 0: unlimited; -1: back to the server's default

    static constexpr auto fields() {
        return std::tuple{field{"ids", &change_limits::ids}, field{"type", &change_limits::kind},
                          field{"limit", &change_limits::limit}};
    }
};

// Forgets what the objects have sent in the current window. Answered by counts_reset.
struct reset_counts {
    static constexpr std::string_view name = "reset_counts";
    static constexpr uint32_t version = 1;
    static constexpr size_t ids_max = change_limits::ids_max;

    std::vector<object_id> ids;

    static constexpr auto fields() { return std::tuple{field{"ids", &reset_counts::ids}}; }
};

struct counts_reset {
    static constexpr std::string_view name = "counts_reset";
    static constexpr uint32_t version = 1;

    std::vector<object_id> ids;

    static constexpr auto fields() { return std::tuple{field{"ids", &counts_reset::ids}}; }
};

struct list_limits {
    static constexpr std::string_view name = "list_limits";
    static constexpr uint32_t version = 1;

    static constexpr auto fields() { return std::tuple{}; }
};

struct individual_limit {
    object_id id;
    sender_kind kind = sender_kind::account;
    account_name account;
    std::string object;  // its name
    int64_t limit = 0;   // 0: unlimited; -1: none (any more), the server's default holds

    static constexpr auto fields() {
        return std::tuple{
            field{"id", &individual_limit::id}, field{"type", &individual_limit::kind},
            field{"account", &individual_limit::account}, field{"name", &individual_limit::object},
            field{"limit", &individual_limit::limit}};
    }
};

// Ordered by account, kind and name.
struct limit_list {
    static constexpr std::string_view name = "limit_list";
    static constexpr uint32_t version = 1;

    std::vector<individual_limit> items;

    static constexpr auto fields() { return std::tuple{field{"items", &limit_list::items}}; }
};

}  // namespace ie
