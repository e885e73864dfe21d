// The scanner: is this mail spam or dangerous? Owns the connections to Rspamd; when Rspamd is
// absent, slow or talks garbage it judges by its own few rules and says so. Loses nothing on a
// crash: whoever asked is told, and Exim still has the mail.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using scanner_actor = caf::typed_actor<
    // Never fails for Rspamd's sake. Fails: deadline_exceeded.
    replies_to<scan_mail, mail_bytes>::with<scan_result>,
    replies_to<get_status>::with<actor_status>>;

}  // namespace ie
