// What an administrator decides while the engine runs: the server's settings, whitelists, and the
// trail of who changed what (seed, Settings and Whitelisting).
#pragma once

#include "messages/caller.hpp"

namespace ie {

// One of the settings that docs/operating.md lists, by name; its value as a text.
struct setting {
    std::string key;
    std::string value;

    static constexpr auto fields() {
        return std::tuple{field{"name", &setting::key}, field{"value", &setting::value}};
    }
};

struct get_settings {
    static constexpr std::string_view name = "get_settings";
    static constexpr uint32_t version = 1;

    static constexpr auto fields() { return std::tuple{}; }
};

// All or nothing: one name or value that isn't right changes nothing. Answered by settings_values
// when it is durable and in force.
struct change_settings {
    static constexpr std::string_view name = "change_settings";
    static constexpr uint32_t version = 1;

    std::vector<setting> changes;

    static constexpr auto fields() {
        return std::tuple{field{"changes", &change_settings::changes}};
    }
};

// All of them, ordered by name.
struct settings_values {
    static constexpr std::string_view name = "settings_values";
    static constexpr uint32_t version = 1;

    std::vector<setting> items;

    static constexpr auto fields() { return std::tuple{field{"items", &settings_values::items}}; }
};

// Whom a whitelist is about (seed, Whitelisting). An entry of authuser is an address; one of the
// others an address or a domain.
enum class whitelist_kind : uint8_t { authuser, sender, recipient };
constexpr auto enum_names(whitelist_kind) {
    return std::array<std::string_view, 3>{"authuser", "sender", "recipient"};
}

struct list_whitelist {
    static constexpr std::string_view name = "list_whitelist";
    static constexpr uint32_t version = 1;

    whitelist_kind kind = whitelist_kind::sender;

    static constexpr auto fields() { return std::tuple{field{"list", &list_whitelist::kind}}; }
};

// In the order in which they were added.
struct whitelist_entries {
    static constexpr std::string_view name = "whitelist_entries";
    static constexpr uint32_t version = 1;

    std::vector<std::string> emails;
    std::vector<std::string> domains;
    std::vector<std::string> any_submitter;  // those of both that hold whoever submits

    static constexpr auto fields() {
        return std::tuple{field{"emails", &whitelist_entries::emails},
                          field{"domains", &whitelist_entries::domains},
                          field{"any_submitter", &whitelist_entries::any_submitter}};
    }
};

// Adds or removes all of `values`, or none: one that is neither an address nor a domain, or to be
// removed and not there, refuses the call. Answered by whitelist_changed when it is durable and in
// force.
struct change_whitelist {
    static constexpr std::string_view name = "change_whitelist";
    static constexpr uint32_t version = 1;
    static constexpr size_t values_max = 1'000;

    whitelist_kind kind = whitelist_kind::sender;
    bool remove = false;
    std::vector<std::string> values;
    bool any_submitter = false;  // of sender entries that are added: they hold whoever submits

    static constexpr auto fields() {
        return std::tuple{field{"list", &change_whitelist::kind},
                          field{"remove", &change_whitelist::remove},
                          field{"values", &change_whitelist::values},
                          field{"any_submitter", &change_whitelist::any_submitter}};
    }
};

// The values as they are kept: lower case, domains as A-labels.
struct whitelist_changed {
    static constexpr std::string_view name = "whitelist_changed";
    static constexpr uint32_t version = 1;

    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string> unchanged;  // were there already, just so

    static constexpr auto fields() {
        return std::tuple{field{"added", &whitelist_changed::added},
                          field{"removed", &whitelist_changed::removed},
                          field{"unchanged", &whitelist_changed::unchanged}};
    }
};

// By which door somebody acted.
enum class entrance : uint8_t { local, network, console };
constexpr auto enum_names(entrance) {
    return std::array<std::string_view, 3>{"local", "network", "console"};
}

// An entry of the audit trail.
struct audit_record {
    int64_t at_s = 0;  // Unix time
    uint32_t uid = 0;  // of who acted; of a key on the network: that of root
    std::string who;   // login or key
    entrance by = entrance::local;
    std::string action;  // change_limits, change_whitelist, …
    std::string object;  // what it was done to
    std::string before;
    std::string after;
    std::string result;  // "done", or why it was refused

    static constexpr auto fields() {
        return std::tuple{
            field{"date", &audit_record::at_s},     field{"uid", &audit_record::uid},
            field{"who", &audit_record::who},       field{"interface", &audit_record::by},
            field{"action", &audit_record::action}, field{"object", &audit_record::object},
            field{"from", &audit_record::before},   field{"to", &audit_record::after},
            field{"result", &audit_record::result}};
    }
};

struct list_audit {
    static constexpr std::string_view name = "list_audit";
    static constexpr uint32_t version = 1;
    static constexpr uint32_t limit_max = 1'000;

    int64_t since_s = 0;  // Unix time, inclusive; 0: no bound
    std::string who;      // empty: everybody
    std::string action;   // empty: all
    uint32_t limit = 25;  // 1 to limit_max
    uint32_t offset = 0;

    static constexpr auto fields() {
        return std::tuple{field{"since_s", &list_audit::since_s}, field{"who", &list_audit::who},
                          field{"action", &list_audit::action}, field{"limit", &list_audit::limit},
                          field{"offset", &list_audit::offset}};
    }
};

// Newest first.
struct audit_list {
    static constexpr std::string_view name = "audit_list";
    static constexpr uint32_t version = 1;

    std::vector<audit_record> items;
    uint64_t max_count = 0;  // that match

    static constexpr auto fields() {
        return std::tuple{field{"items", &audit_list::items},
                          field{"max_count", &audit_list::max_count}};
    }
};

// What somebody has done, for the trail. `who` and when are known from then.
struct audited_action {
    uint64_t number = 0;  // the source's own, growing
    caller who;
    int64_t at_ms = 0;  // Unix time
    std::string action;
    std::string object;
    std::string before;
    std::string after;
    std::string result;

    static constexpr auto fields() {
        return std::tuple{
            field{"number", &audited_action::number}, field{"caller", &audited_action::who},
            field{"at_ms", &audited_action::at_ms},   field{"action", &audited_action::action},
            field{"object", &audited_action::object}, field{"from", &audited_action::before},
            field{"to", &audited_action::after},      field{"result", &audited_action::result}};
    }
};

// An actor to settings: what it has recorded of itself, oldest first. Those up to the last number
// that the source has told before are in the trail already: asking again, after a crash, adds none.
struct record_audit {
    std::string source;  // a life of its database
    std::vector<audited_action> actions;

    static constexpr auto fields() {
        return std::tuple{field{"source", &record_audit::source},
                          field{"actions", &record_audit::actions}};
    }
};

struct audit_recorded {
    uint64_t last_number = 0;  // of that source, durable

    static constexpr auto fields() {
        return std::tuple{field{"last_number", &audit_recorded::last_number}};
    }
};

// Event, gateway to settings: somebody asked for what he may not have.
struct request_refused {
    caller who;
    std::string request;
    std::string what;

    static constexpr auto fields() {
        return std::tuple{field{"caller", &request_refused::who},
                          field{"request", &request_refused::request},
                          field{"what", &request_refused::what}};
    }
};

}  // namespace ie
