// Statistics: what each sender object sent and what was held of it, by second, minute, hour and
// day; answers the Activity Monitor, with all that had its verdict when it was asked. Owns
// statistics.db; a crash loses at most one flush interval. Goes on without it, degraded, where it
// can't be had (see counts_keeper.hpp).
#pragma once

#include "actors/rate_limiter/rate_limiter_actor.hpp"
#include "actors/statistics/object_names.hpp"
#include "config/account_directory.hpp"

namespace ie {

using statistics_actor =
    caf::typed_actor<reacts_to<mails_judged>,  // counted once, durable after the next flush
                     reacts_to<flush_atom>, replies_to<counts_atom>::with<decision_counts>,
                     // Fails: not_permitted (another account's), bad_request, storage_failed.
                     replies_to<get_activity, request_context>::with<activity_report>,
                     // Fails: not_permitted, bad_request (days), storage_failed.
                     replies_to<get_incoming_stats, request_context>::with<incoming_stats>,
                     replies_to<find_objects>::with<objects_found>,
                     replies_to<get_status>::with<actor_status>>;

// What is pointed to outlives the actor.
struct statistics_options {
    std::string path;  // of statistics.db
    uint32_t flush_interval_ms = 1'000;
    configuration::statistics_part keep;
    object_bounds bounds;
    rate_limiter_actor rate_limiter;
    const snapshot<mail_policy>* policy = nullptr;
    const snapshot<account_directory>* accounts = nullptr;
    const ie::clock* clock = nullptr;
};

// statistics.db is read before it returns, as far as it can be.
statistics_actor make_statistics(caf::actor_system& system, thread_use use,
                                 const statistics_options& options);

}  // namespace ie
