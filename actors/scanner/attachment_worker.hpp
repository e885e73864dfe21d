// Looks into mails' attachments, one mail after the other, on a thread of its own, so that a large
// archive delays no verdict of Rspamd's. Owns and loses nothing. Gets its mails from the desk.
#pragma once

#include "actors/caf.hpp"
#include "config/clock.hpp"
#include "config/configuration.hpp"

namespace ie {

using attachment_worker = caf::typed_actor<
    // Never fails. Answers by the deadline or soon after: without the time that archives take when
    // that has passed while others were looked into.
    replies_to<look_into_mail, mail_bytes>::with<attachments_found>>;

struct attachment_options {
    configuration::attachments_part rules;
    std::function<int64_t()> steady_now_ms = ie::steady_now_ms;
};

attachment_worker make_attachment_worker(caf::actor_system& system, thread_use thread,
                                         attachment_options options);

}  // namespace ie
