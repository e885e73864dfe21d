// The supervisor: starts the parts of the engine in order, watches them, starts a failed one again
// together with all that were started after it (they hold its address), within a budget; reports;
// drains on stop. Whatever may wait for a disk is done on other threads: status, signals and a stop
// never wait for it. Does nothing before it is told to begin. Owns no data.
#pragma once

#include <functional>

#include "actors/caf.hpp"
#include "actors/supervisor/restart_budget.hpp"
#include "config/clock.hpp"

namespace ie {

using supervisor_actor = caf::typed_actor<
    // Asks each part; one that doesn't answer is `silent`.
    replies_to<get_status, request_context>::with<engine_status>,
    // Fails: not_permitted unless the engine was started for a lab, bad_request.
    replies_to<advance_clock, request_context>::with<clock_advanced>,
    reacts_to<begin_atom>,   // start what isn't running
    reacts_to<poll_atom>,    // look whether draining is done
    reacts_to<reload_atom>,  // SIGHUP: to the settings actor
    reacts_to<stop_atom>,    // SIGTERM: drain, stop all in reverse order, quit
    reacts_to<watch_atom>>;  // from itself: are all parts alive?

// Opens what a part has on disk and spawns its actor. Called on a thread of its own.
using part_start = std::function<outcome<caf::actor>()>;

// One actor to start; again after it is gone.
struct engine_part {
    std::string name;
    // Gathers the addresses of those that run. Called on the supervisor's thread, as `started` is.
    std::function<part_start()> prepare;
    // It has answered: whoever is started after it may have its address.
    std::function<void(const caf::actor&)> started = [](const caf::actor&) {};
    // No other part has its address: the others don't wait for it and don't end with it, and it may
    // take as long as it likes and fail as often.
    bool stands_aside = false;
    bool is_watched = false;  // the watchdog waits for it
};

// The gateway, as the supervisor needs it. Thread-safe.
class engine_door {
  public:
    virtual ~engine_door() = default;
    virtual void open() = 0;   // let requests in, to the parts that run; again when others do
    virtual void close() = 0;  // answer new requests `unavailable`, finish those in hand
    virtual size_t in_flight() const = 0;
    virtual actor_status status() const = 0;
    virtual bool has_turned() = 0;  // its thread has done something since the last such question
};

struct supervisor_options {
    std::vector<engine_part>
        parts;  // in the order of starting; "settings" and "statistics" by name
    engine_door* door = nullptr;
    const clock* time = nullptr;
    system_clock* movable_time = nullptr;  // only where the engine was started for a lab
    restart_budget budget{5, 60'000};
    uint32_t drain_timeout_ms = 10'000;
    uint32_t stop_timeout_ms = 8'000;  // for all parts to end once the mail in hand is finished
    thread_use start_on = thread_use::own;  // where parts are started
    // The budget is used up: the process should end with this error.
    std::function<void(const std::string& why)> on_give_up;
    // A part hasn't ended in time, or its start hasn't: its thread can't be waited for.
    std::function<void()> on_stuck = [] {};
    std::function<void()> on_ready = [] {};  // the door is open; or a reload is done
    // How long somebody waits for the next on_alive() before he takes the engine for dead; 0: he
    // doesn't. It is called several times within that, as long as the watched parts answer.
    int64_t watchdog_ms = 0;
    std::function<void()> on_alive = [] {};
};

supervisor_actor make_supervisor(caf::actor_system& system, supervisor_options options);

}  // namespace ie
