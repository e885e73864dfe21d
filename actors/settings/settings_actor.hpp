// Settings: what an administrator decides while the engine runs, and the trail of who decided what.
// Keeps the account directory in step with the system's files; broken ones leave the last good
// directory in force, loudly. Owns settings.db: a change is durable and in force before it is
// confirmed, and its audit record is part of the same commit. A crash loses nothing. Goes on
// without the database, degraded, where it can't be had (see settings_database.hpp).
#pragma once

#include "actors/rate_limiter/rate_limiter_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"
#include "config/account_directory.hpp"

namespace ie {

// Changes and looks are root's, but for an account's incoming mail; who else asks is refused
// (not_permitted).
using settings_actor = caf::typed_actor<
    reacts_to<poll_atom>,    // looks whether the accounts' files have changed
    reacts_to<reload_atom>,  // reads them again in any case
    replies_to<get_settings, request_context>::with<settings_values>,
    // Fails: bad_request (an unknown name, a value out of range), storage_failed.
    replies_to<change_settings, request_context>::with<settings_values>,
    replies_to<list_limits, request_context>::with<limit_list>,
    // Fails: not_found (an unknown id), bad_request (of another type, the limit), storage_failed.
    replies_to<change_limits, request_context>::with<limit_list>,
    // Fails: not_found, bad_request, storage_failed.
    replies_to<reset_counts, request_context>::with<counts_reset>,
    replies_to<list_whitelist, request_context>::with<whitelist_entries>,
    // Fails: bad_request (neither address nor domain), not_found (to be removed), storage_failed.
    replies_to<change_whitelist, request_context>::with<whitelist_changed>,
    // Fails: not_found (no such account), bad_request (a value), too_large, storage_failed.
    replies_to<edit_account, request_context>::with<account_edited>,
    // An account's owner may look and change for himself, too. Fails: not_permitted, not_found (no
    // such account), too_large, storage_failed.
    replies_to<get_incoming, request_context>::with<incoming_status>,
    replies_to<change_incoming, request_context>::with<incoming_status>,
    replies_to<list_audit, request_context>::with<audit_list>,
    // Durable when it is answered. Fails: storage_failed.
    replies_to<record_audit>::with<audit_recorded>,
    reacts_to<request_refused>,  // goes into the trail
    // So many of one caller's that his bounds left out, the last of them: one record.
    reacts_to<request_refused, uint64_t>, replies_to<get_status>::with<actor_status>>;

// What is pointed to outlives the actor.
struct settings_options {
    std::string path;  // of settings.db
    configuration::accounts_part account_files;
    std::string incoming_switch;  // configuration.hook's; empty: none
    mail_policy defaults;         // what holds where nothing was set
    rate_limiter_actor rate_limiter;
    statistics_actor statistics;
    snapshot<account_directory>* accounts = nullptr;
    snapshot<mail_policy>* policy = nullptr;
    const ie::clock* clock = nullptr;
    uint32_t poll_interval_ms = 2'000;
    thread_use copy_on = thread_use::own;  // where the database's copy of each day is made
};

// The files and the database are read before it returns, as far as they can be.
settings_actor make_settings(caf::actor_system& system, thread_use use,
                             const settings_options& options);

}  // namespace ie
