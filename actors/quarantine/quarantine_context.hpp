// What the parts of the quarantine's actor share. Private to this folder.
#pragma once

#include "actors/quarantine/quarantine_actor.hpp"
#include "actors/quarantine/search/mail_finder.hpp"
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
                             reacts_to<flush_atom>>;          // outcomes that wait for the disk

struct quarantine_context {
    quarantine_internal::pointer self = nullptr;
    quarantine_options options;
    mail_store store;
    hold_journal journal;
    mail_index index;
    mail_finder finder;
    logger log{"quarantine"};
    std::string last_error;

    int64_t now_ms() const { return options.clock->now_ms(); }
    space_rules space_of(const account_name& account) const {
        return options.policy->get()->space_of(account);
    }

    // All or nothing. Fails: storage_failed.
    outcome<nothing> commit(const std::vector<index_change>& changes) {
        auto done = index.commit(changes);
        if (done) finder.learn(changes);
        return done;
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

// What a caller may see: every account's mail, or one's.
struct mail_scope {
    account_name account;  // empty: every account's

    bool holds(const mail_row& row) const {
        return account.empty() ||
               equal_ignoring_case(account.value, row.ticket.owner.account.value);
    }
};

// For the audit trail: what a caller did with a mail, or with an account's mail.
add_action action_on(const caller& who, int64_t now_ms, std::string_view action, std::string object,
                     std::string_view before, std::string_view after, std::string result = "done");
std::string object_text(const mail_row& row);  // "mail ID of alice"

// Fails: not_permitted.
outcome<mail_scope> scope_of(const caller& who, const account_name& asked);

// A mail that is still there, within the scope; another's is not told from none, but goes into the
// audit trail as an attempt to do `request`. Fails: not_found, storage_failed.
outcome<mail_row> find_shown(quarantine_context& context, const mail_scope& scope,
                             const mail_id& id, const caller& who, std::string_view request);

// What the database is to know of a mail that was stored.
add_mail row_of(const stored_record& record, std::string_view mail, uint64_t file_bytes);

}  // namespace ie
