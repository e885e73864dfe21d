// The quarantine: keeps held mail safe, shows it, and settles it: released or removed. Owns the
// message files and quarantine.db. What it acknowledged is on disk; a crash loses nothing of it.
#pragma once

#include <functional>

#include "actors/courier/courier_actor.hpp"
#include "actors/journal/fault_point.hpp"
#include "actors/settings/settings_actor.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

using quarantine_actor = caf::typed_actor<
    // Answers after fsync and commit. Fails: storage_failed, bad_request, deadline_exceeded.
    replies_to<hold_mail, request_context, mail_bytes>::with<mail_held>,
    // May give fewer than `limit` where recipients are many. Fails: not_permitted, bad_request,
    // storage_failed.
    replies_to<list_mails, request_context>::with<mail_list>,
    // With the bytes of the view asked for. Fails: not_permitted, not_found, storage_failed.
    replies_to<show_mail, request_context>::with<mail_details, mail_bytes>,
    // Each mail for itself; answers when each is released or has failed, or shortly before the
    // deadline, and then goes on. Fails: not_permitted, bad_request, deadline_exceeded.
    replies_to<release_mails, request_context>::with<mails_settled>,
    // Fails: not_permitted, bad_request.
    replies_to<remove_mails, request_context>::with<mails_settled>,
    // An account's owner sees its own. Fails: not_permitted, bad_request, storage_failed.
    replies_to<list_accounts, request_context>::with<account_list>,
    // Fails: not_permitted, not_found, storage_failed.
    replies_to<purge_account, request_context>::with<account_purged>,
    // Root's. Fails: not_permitted, bad_request, storage_failed.
    replies_to<check_store, request_context>::with<store_checked>,
    // Binds the first copy that asks. Fails: not_found, storage_failed.
    replies_to<confirm_release, request_context>::with<release_confirmed>,
    replies_to<get_status>::with<actor_status>>;

// Who learns from what people decide about held mail.
using lesson_actor = caf::typed_actor<reacts_to<mail_lesson, mail_bytes>>;

// What is pointed to outlives the actor.
struct quarantine_options {
    std::string data_dir;  // holds quarantine/ and quarantine.db
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    courier_actor courier;
    settings_actor settings;                              // keeps the audit trail; may be null
    lesson_actor learner;                                 // may be null
    std::function<bool(const account_name&)> is_account;  // on this server; none: nobody is
    // Whose a recipient here is; none: root's.
    std::function<account_name(const std::string& address)> account_of;
    uint32_t retention_days = 30;            // 0: for ever
    uint32_t poll_interval_ms = 2'000;       // how often age, room and the trail are looked at
    uint32_t deliveries_in_flight_max = 4;   // handed to the courier at a time
    uint32_t delivery_timeout_ms = 250'000;  // for one: the courier's own bound for that many
    bool detached = true;                    // on a thread of its own: it waits for the disk
    fault_point fault;                       // for tests
};

// Opens the store in the caller's thread. Fails: storage_failed.
outcome<quarantine_actor> make_quarantine(caf::actor_system& system,
                                          const quarantine_options& options);

}  // namespace ie
