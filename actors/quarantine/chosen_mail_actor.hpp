// Who settles mails that a filter has found. Private to this folder.
#pragma once

#include "actors/caf.hpp"

namespace ie {

// Their ids are in the request, and that many more match its filter.
using chosen_mail_actor = caf::typed_actor<
    replies_to<begin_atom, release_mails, request_context, uint64_t>::with<mails_settled>,
    replies_to<begin_atom, remove_mails, request_context, uint64_t>::with<mails_settled>>;

}  // namespace ie
