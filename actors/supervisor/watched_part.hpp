// What the supervisor knows of one part, and how it has it started: by an actor that lives for that
// alone, on a thread of its own. Private to this folder.
#pragma once

#include "actors/supervisor/supervisor_actor.hpp"

namespace ie {

struct watched_part {
    engine_part part;
    caf::actor actor{};        // null: not running
    bool is_starting = false;  // on another thread, which will give us the actor
    bool waits = false;        // to be started again in a while
    bool has_answered = false;
    bool told_to_end = false;  // its end is no failure
    bool is_mute = false;      // it didn't answer and is being ended, which is one
    uint32_t restarts = 0;
    std::string last_error{};

    bool runs() const { return actor && has_answered && !told_to_end && !is_mute; }
    bool is_there() const { return actor || is_starting; }
};

// Until the part has told more.
actor_status blank_status(const watched_part& part);
actor_status status_of_log();

using part_starter = caf::typed_actor<replies_to<begin_atom>::with<caf::actor>>;

// Starts the part when it is told to, answers with its actor, and ends.
part_starter make_part_starter(caf::actor_system& system, thread_use use, const part_start& start);

}  // namespace ie
