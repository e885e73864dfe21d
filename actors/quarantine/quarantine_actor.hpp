// The quarantine: keeps held mail safe, shows it, and settles it: released or removed. Owns the
// message files and quarantine.db. What it acknowledged is on disk; a crash loses nothing of it.
#pragma once

#include "actors/courier/courier_actor.hpp"

namespace ie {

using quarantine_actor = caf::typed_actor<
    // Answers after fsync and commit. Fails: storage_failed, bad_request.
    replies_to<hold_mail, request_context, mail_bytes>::with<mail_held>,
    // Fails: not_permitted, bad_request.
    replies_to<list_mails, request_context>::with<mail_list>,
    // With the bytes of the view asked for. Fails: not_permitted, not_found, storage_failed.
    replies_to<show_mail, request_context>::with<mail_details, mail_bytes>,
    // Each mail for itself; answers when each is released or has failed. Fails: not_permitted,
    // bad_request.
    replies_to<release_mails, request_context>::with<mails_settled>,
    // Fails: not_permitted, bad_request.
    replies_to<remove_mails, request_context>::with<mails_settled>,
    // Binds the first copy that asks. Fails: not_found, storage_failed.
    replies_to<confirm_release, request_context>::with<release_confirmed>,
    replies_to<get_status>::with<actor_status>>;

}  // namespace ie
