// The quarantine's actor as its own parts know it. Private to this folder.
#pragma once

#include "actors/quarantine/quarantine_actor.hpp"
#include "actors/quarantine/reader_client.hpp"

namespace ie {

// With what it tells itself, and what its reader tells it.
using quarantine_internal =
    quarantine_actor::extend<reacts_to<commit_atom>,          // the batch of holds is due
                             reacts_to<poll_atom>,            // the sweep's next step
                             reacts_to<evict_atom>,           // some of what has to go
                             reacts_to<report_atom>,          // the clock, and the trail
                             reacts_to<stop_atom, uint64_t>,  // a release's caller waits no longer
                             reacts_to<flush_atom>>::         // outcomes that wait for the disk
    extend_with<reader_client>;

}  // namespace ie
