// Settings: what an administrator decides while the engine runs. So far it keeps the account
// directory in step with the domain map; a broken map leaves the last good one in force, loudly.
// Loses nothing on a crash: the map is read again.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using settings_actor = caf::typed_actor<
    reacts_to<poll_atom>,    // looks whether the map has changed
    reacts_to<reload_atom>,  // reads it again in any case
    replies_to<get_status>::with<actor_status>>;

}  // namespace ie
