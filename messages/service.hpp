// Watching and steering the engine itself.
#pragma once

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie {

struct get_status {
    static constexpr std::string_view name = "get_status";
    static constexpr uint32_t version = 1;

    static constexpr auto fields() { return std::tuple{}; }
};

enum class actor_state : uint8_t {
    running,
    degraded,  // does its job in a lesser way; `detail` says which
    restarting,
    silent,  // gave no answer in time
    stopped,
};
constexpr auto enum_names(actor_state) {
    return std::array<std::string_view, 5>{"running", "degraded", "restarting", "silent",
                                           "stopped"};
}

// One actor's own report; the supervisor fills in `restarts`.
struct actor_status {
    std::string actor;  // its folder's name
    actor_state state = actor_state::running;
    uint64_t queue = 0;  // requests it works on or has yet to begin
    std::string last_error;
    uint32_t restarts = 0;
    std::string detail;  // what else an operator wants to know, one line

    static constexpr auto fields() {
        return std::tuple{field{"actor", &actor_status::actor},
                          field{"state", &actor_status::state},
                          field{"queue", &actor_status::queue},
                          field{"last_error", &actor_status::last_error},
                          field{"restarts", &actor_status::restarts},
                          field{"detail", &actor_status::detail}};
    }
};

// Decisions ever made, by statistics.
struct decision_counts {
    uint64_t accepted = 0;
    uint64_t held = 0;
    uint64_t deferred = 0;
    uint64_t refused = 0;

    static constexpr auto fields() {
        return std::tuple{field{"accepted", &decision_counts::accepted},
                          field{"held", &decision_counts::held},
                          field{"deferred", &decision_counts::deferred},
                          field{"refused", &decision_counts::refused}};
    }
};

struct engine_status {
    static constexpr std::string_view name = "engine_status";
    static constexpr uint32_t version = 1;

    std::string engine_version;
    int64_t started_at_s = 0;  // Unix time
    int64_t now_s = 0;         // the engine's clock
    bool draining = false;
    decision_counts decisions;
    std::vector<actor_status> actors;

    static constexpr auto fields() {
        return std::tuple{field{"version", &engine_status::engine_version},
                          field{"started_at", &engine_status::started_at_s},
                          field{"now", &engine_status::now_s},
                          field{"draining", &engine_status::draining},
                          field{"decisions", &engine_status::decisions},
                          field{"actors", &engine_status::actors}};
    }
};

// For labs and tests only: refused unless the engine was started with --allow-clock-advance.
struct advance_clock {
    static constexpr std::string_view name = "advance_clock";
    static constexpr uint32_t version = 1;

    int64_t seconds = 0;  // 0 to seconds_max
    static constexpr int64_t seconds_max = 10LL * 366 * 24 * 3600;

    static constexpr auto fields() { return std::tuple{field{"seconds", &advance_clock::seconds}}; }
};

struct clock_advanced {
    static constexpr std::string_view name = "clock_advanced";
    static constexpr uint32_t version = 1;

    int64_t now_s = 0;  // Unix time by the engine's clock

    static constexpr auto fields() { return std::tuple{field{"now", &clock_advanced::now_s}}; }
};

}  // namespace ie
