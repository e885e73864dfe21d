// The intake: one mail in, one verdict out, within its deadline. Resolves whose mail it is, asks
// for room in its sender's limits, has it judged, decides. Owns nothing and loses nothing: until
// the verdict is out Exim has the mail.
#pragma once

#include "actors/rate_limiter/rate_limiter_actor.hpp"
#include "actors/scanner/scanner_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"
#include "config/account_directory.hpp"
#include "config/configuration.hpp"
#include "config/snapshot.hpp"

namespace ie {

// How long statistics may not know of a verdict yet (told of each by itself, their thread would
// wake as often as ours), and how late a mail may be given up.
constexpr std::chrono::milliseconds reminder_interval{100};

using intake_actor = caf::typed_actor<
    // Fails: deadline_exceeded, unavailable.
    replies_to<judge_mail, request_context, mail_bytes>::with<mail_verdict>,
    // Reports to statistics at once. True.
    replies_to<report_atom>::with<bool>, replies_to<get_status>::with<actor_status>>;

// What is pointed to outlives the actor.
struct intake_options {
    rate_limiter_actor rate_limiter;
    scanner_actor scanner;
    statistics_actor statistics;
    const snapshot<account_directory>* directory = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    const ie::clock* clock = nullptr;
    configuration::filter_part filter;
    configuration::accounts_part accounts;
    std::function<int64_t()> steady_now_ms = ie::steady_now_ms;
};

intake_actor make_intake(caf::actor_system& system, intake_options options);

}  // namespace ie
