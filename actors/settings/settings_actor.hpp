// Settings: what an administrator decides while the engine runs. So far it keeps the account
// directory in step with the domain map; a broken map leaves the last good one in force, loudly.
// Loses nothing on a crash: the map is read again.
#pragma once

#include "actors/caf.hpp"
#include "config/account_directory.hpp"
#include "config/snapshot.hpp"

namespace ie {

using settings_actor = caf::typed_actor<reacts_to<poll_atom>,  // looks whether the map has changed
                                        reacts_to<reload_atom>,  // reads it again in any case
                                        replies_to<get_status>::with<actor_status>>;

struct settings_options {
    std::string domain_map;  // empty: none
    snapshot<account_directory>* accounts = nullptr;
    uint32_t poll_interval_ms = 2'000;
};

// The map is read before the first message is answered.
settings_actor make_settings(caf::actor_system& system, thread_use use,
                             const settings_options& options);

}  // namespace ie
