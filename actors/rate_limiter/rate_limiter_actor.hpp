// The rate limiter: may this mail go out now? Keeps what each sender object has sent within the
// last hour, checks all of a mail's objects and then counts all of them, or none. Owns the counts
// and their journal, which is written before the verdict is out: the engine's death forgets none.
// Without a disk it goes on, degraded (see quota_journal.hpp).
#pragma once

#include "actors/caf.hpp"
#include "actors/journal/fault_point.hpp"
#include "config/clock.hpp"
#include "config/configuration.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

using rate_limiter_actor =
    caf::typed_actor<replies_to<reserve_quota>::with<quota_verdict>, reacts_to<give_back_quota>,
                     // Answered when it counts from now on, by the journal, too.
                     replies_to<renew_quota>::with<bool>,
                     replies_to<get_usage>::with<usage_list>,      // in the window that ends now
                     replies_to<forget_counts>::with<usage_list>,  // what it was
                     replies_to<get_status>::with<actor_status>>;

struct rate_limiter_options {
    std::string journal_dir;
    const snapshot<mail_policy>* policy = nullptr;
    const ie::clock* clock = nullptr;
    configuration::limits_part bounds;
    thread_use sync_on = thread_use::own;  // where the journal is made proof against power cuts
    fault_point journal_fault;             // for tests
};

// Rebuilds the counts from the journal before it returns, as far as that can be read.
rate_limiter_actor make_rate_limiter(caf::actor_system& system, rate_limiter_options options);

}  // namespace ie
