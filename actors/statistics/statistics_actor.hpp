// Statistics: what was accepted, held, deferred and refused. Owns statistics.db; a crash loses at
// most one flush interval.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using statistics_actor =
    caf::typed_actor<reacts_to<mails_judged>,  // counted once, durable after the next flush
                     reacts_to<flush_atom>, replies_to<counts_atom>::with<decision_counts>,
                     replies_to<get_status>::with<actor_status>>;

struct statistics_options {
    std::string path;  // of statistics.db
    uint32_t flush_interval_ms = 1'000;
};

// Fails: as decision_log::open().
outcome<statistics_actor> make_statistics(caf::actor_system& system, thread_use use,
                                          const statistics_options& options);

}  // namespace ie
