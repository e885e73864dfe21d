// The scanner: is this mail spam or dangerous? Owns the connections to Rspamd; when Rspamd is
// absent, slow or talks garbage it judges by its own few rules and says so. Attachments are looked
// into meanwhile, by another. Loses nothing on a crash: whoever asked is told, and Exim still has
// the mail.
#pragma once

#include <memory>

#include "actors/caf.hpp"
#include "actors/scanner/attachment_desk.hpp"
#include "actors/scanner/spam_checker.hpp"
#include "config/clock.hpp"

namespace ie {

using scanner_actor = caf::typed_actor<
    // Never fails for Rspamd's sake, or the attachments'. Fails: deadline_exceeded.
    replies_to<scan_mail, mail_bytes>::with<scan_result>,
    replies_to<get_status>::with<actor_status>>;

struct scanner_options {
    std::shared_ptr<spam_checker> checker;  // make_rspamd_client(), but for tests and benchmarks
    attachment_desk attachments;
    uint32_t attachments_timeout_ms = 1'500;
    uint32_t retry_after_ms = 5'000;   // how long to leave Rspamd alone once it has failed
    const ie::clock* clock = nullptr;  // outlives the actor; for what is shown
    std::function<int64_t()> steady_now_ms = ie::steady_now_ms;
};

scanner_actor make_scanner(caf::actor_system& system, scanner_options options);

}  // namespace ie
