// The courier: gives a released mail back to Exim, original bytes and envelope, through
// `exim -oMt ie-release -oMaa ID -bs` (Exim's specification, chapter 5 and 48). Owns nothing; after
// a crash the quarantine's recorded intent makes it go again.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using courier_actor = caf::typed_actor<
    // All recipients or none. Fails: delivery_failed (Exim refused, or couldn't be run).
    replies_to<deliver_mail, mail_bytes>::with<mail_delivered>,
    replies_to<get_status>::with<actor_status>>;

}  // namespace ie
