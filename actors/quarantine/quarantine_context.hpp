// What the parts of the quarantine's actor share. Private to this folder.
#pragma once

#include "actors/quarantine/index/account_ledger.hpp"
#include "actors/quarantine/index/action_outbox.hpp"
#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/mail_scope.hpp"
#include "actors/quarantine/quarantine_actor.hpp"
#include "actors/quarantine/search/mail_reader.hpp"
#include "actors/quarantine/store/hold_journal.hpp"
#include "actors/quarantine/store/mail_store.hpp"
#include "config/log.hpp"

namespace ie {

// With what it tells itself.
using quarantine_internal =
    quarantine_actor::extend<reacts_to<commit_atom>,          // the batch of holds is due
                             reacts_to<poll_atom>,            // the sweep's next step
                             reacts_to<evict_atom>,           // some of what has to go
                             reacts_to<report_atom>,          // the clock, and the trail
                             reacts_to<stop_atom, uint64_t>,  // a release's caller waits no longer
                             reacts_to<flush_atom>>::         // outcomes that wait for the disk
    extend_with<chosen_mail_actor>;                           // and what its reader tells it

struct quarantine_context {
    quarantine_internal::pointer self = nullptr;
    quarantine_options options;
    mail_store store;
    hold_journal journal;
    quarantine_database index;
    mail_reader reader{};
    logger log{"quarantine"};
    std::string last_error;

    int64_t now_ms() const { return options.clock->now_ms(); }
    space_rules space_of(const account_name& account) const {
        return options.policy->get()->space_of(account);
    }

    // All or nothing. Fails: storage_failed.
    outcome<nothing> commit(const std::vector<index_change>& changes) {
        return index.commit(changes);
    }

    // For good. Fails: storage_failed.
    outcome<nothing> remove_file(const mail_id& id) {
        journal.forget(id);
        return store.remove(id);
    }

    // Remembers and logs what an operator must see, and hands it on.
    error failed(const error& failure) {
        last_error = failure.what;
        log.error(event::storage_failed, kv("error", failure.what));
        return failure;
    }
};

// For the audit trail: what a caller did with a mail, or with an account's mail.
add_action action_on(const caller& who, int64_t now_ms, std::string_view action, std::string object,
                     std::string_view before, std::string_view after, std::string result = "done");

// What the database is to know of a mail that was stored.
add_mail row_of(const stored_record& record, std::string_view mail, uint64_t file_bytes);

}  // namespace ie
