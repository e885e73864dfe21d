// Statistics: what was accepted, held, deferred and refused. Owns statistics.db; a crash loses at
// most one flush interval.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using statistics_actor = caf::typed_actor<
    reacts_to<mail_judged>,  // counted once, durable after the next flush
    reacts_to<flush_atom>,
    replies_to<counts_atom>::with<decision_counts>,
    replies_to<get_status>::with<actor_status>>;

}  // namespace ie
