// Gives mails to the workers that look into attachments, account by account in turn, and leaves a
// worker to others whatever one account sends. Owns the workers: they and the desk end together.
// Loses nothing on a crash: Exim still has the mails.
#pragma once

#include "actors/scanner/attachment_worker.hpp"

namespace ie {

using attachment_desk = caf::typed_actor<
    // Answers as a worker does. Fails: unavailable (a worker is gone).
    replies_to<look_into_mail, mail_bytes>::with<attachments_found>,
    replies_to<get_status>::with<actor_status>>;

struct attachment_desk_options {
    std::vector<attachment_worker> workers;  // at least one
    size_t waiting_max = 1'024;              // mails; the archives of one more aren't opened
    std::function<int64_t()> steady_now_ms = ie::steady_now_ms;
};

attachment_desk make_attachment_desk(caf::actor_system& system, attachment_desk_options options);

// With as many workers as there are cores, from two to four.
attachment_desk make_attachment_desk(caf::actor_system& system, thread_use workers_threads,
                                     const attachment_options& options);

}  // namespace ie
