#include "actors/supervisor/watched_part.hpp"

#include "actors/owed_answer.hpp"
#include "config/log.hpp"

namespace ie {
namespace {

part_starter::behavior_type start_part(part_starter::pointer self, const part_start& start) {
    return {[self, start](begin_atom) {
        auto started = start();
        self->quit();
        return to_result(std::move(started));
    }};
}

}  // namespace

actor_status blank_status(const watched_part& part) {
    actor_status out;
    out.actor = part.part.name;
    const bool starts = part.is_there() && !part.has_answered;
    out.state = part.actor && !starts ? actor_state::silent : actor_state::restarting;
    out.restarts = part.restarts;
    out.last_error = part.last_error;
    if (starts) out.detail = "starting";
    return out;
}

actor_status status_of_log() {
    actor_status out;
    out.actor = "log";
    out.last_error = log_trouble();
    if (!out.last_error.empty()) out.state = actor_state::degraded;
    return out;
}

part_starter make_part_starter(caf::actor_system& system, thread_use use, const part_start& start) {
    return spawn_on(system, use, start_part, start);
}

}  // namespace ie
