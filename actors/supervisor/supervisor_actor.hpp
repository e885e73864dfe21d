// The supervisor: starts the actors in order, watches them, starts a failed one again with all that
// were started after it (they hold its address), within a budget; reports; drains on stop.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using supervisor_actor = caf::typed_actor<
    // Asks each actor; one that doesn't answer is `silent`.
    replies_to<get_status, request_context>::with<engine_status>,
    // Fails: not_permitted unless the engine was started for a lab, bad_request.
    replies_to<advance_clock, request_context>::with<clock_advanced>,
    reacts_to<reload_atom>,  // SIGHUP
    reacts_to<stop_atom>>;   // SIGTERM: drain, stop all in reverse order, quit

}  // namespace ie
