// The intake: one mail in, one verdict out, within its deadline. Resolves whose mail it is, has it
// judged, decides. Owns nothing and loses nothing: until the verdict is out Exim has the mail.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using intake_actor = caf::typed_actor<
    // Fails: deadline_exceeded, unavailable.
    replies_to<judge_mail, request_context, mail_bytes>::with<mail_verdict>,
    replies_to<get_status>::with<actor_status>>;

}  // namespace ie
