// The quarantine as its reader knows it. Private to this folder.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using reader_client = caf::typed_actor<
    // Settles mails that a filter has found: their ids are in the request, and that many more match
    // it.
    replies_to<begin_atom, release_mails, request_context, uint64_t>::with<mails_settled>,
    replies_to<begin_atom, remove_mails, request_context, uint64_t>::with<mails_settled>,
    // Looks once more at a part of the store that doesn't seem sound, with no hold on its way.
    replies_to<begin_atom, check_store, request_context>::with<store_checked>,
    // The bytes of a mail that is settled, or none; its file may go.
    reacts_to<report_atom, mail_lesson, mail_bytes>>;

}  // namespace ie
