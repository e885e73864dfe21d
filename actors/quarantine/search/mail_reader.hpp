// Answers what only reads held mail, on a thread of its own and with a connection of its own to
// quarantine.db: a list may take as long as it may, and delays no mail that is to be held. It sees
// what is committed when it begins, so whoever was told that a mail is held or gone finds it so.
// Puts the write-ahead log into the database, too: a list that is being read keeps others from
// that. Ends with the quarantine, and the quarantine with it. Private to this folder.
#pragma once

#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/reader_client.hpp"
#include "actors/quarantine/store/mail_store.hpp"
#include "actors/quarantine/trouble.hpp"
#include "actors/settings/settings_actor.hpp"
#include "config/clock.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

// All fail with deadline_exceeded where nobody waits any more.
using mail_reader = caf::typed_actor<
    // May give fewer than `limit` where recipients are many. Fails: not_permitted, bad_request,
    // storage_failed.
    replies_to<list_mails, request_context>::with<mail_list>,
    // Fails: not_permitted, not_found, storage_failed.
    replies_to<show_mail, request_context>::with<mail_details, mail_bytes>,
    // Fails: not_permitted, bad_request, storage_failed.
    replies_to<list_accounts, request_context>::with<account_list>,
    // Of mails by their filter: hands those that are found to the quarantine. Fails: not_permitted,
    // bad_request, storage_failed.
    replies_to<release_mails, request_context>::with<mails_settled>,
    replies_to<remove_mails, request_context>::with<mails_settled>,
    // Of a part that doesn't seem sound the quarantine is asked. Fails: bad_request,
    // storage_failed.
    replies_to<check_store, request_context>::with<store_checked>,
    // Reads a settled mail whose file is there still, and hands it to the quarantine.
    reacts_to<mail_lesson>,
    // The write-ahead log is long.
    reacts_to<flush_atom>>;

// What is pointed to outlives the actor.
struct mail_reader_parts {
    quarantine_database index;  // by open_to_read
    mail_store store;
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    settings_actor settings;  // keeps the audit trail; may be null
    std::shared_ptr<trouble> troubles;
};

struct mail_reader_state {
    static inline const char* name = "mail_reader";
    std::shared_ptr<mail_reader_parts> parts;
    reader_client quarantine;
};

mail_reader::behavior_type read_mails(mail_reader::stateful_pointer<mail_reader_state> self,
                                      std::shared_ptr<mail_reader_parts> parts,
                                      reader_client quarantine);

}  // namespace ie
