// The courier: gives a released mail back to Exim, original bytes and envelope, through
// `exim -bnq -G -oMt ie-release -oMai ID -bs` (Exim's specification, chapters 5 and 48): the marker
// and the mail's id in places that no untrusted user can set, and -bnq and -G, without which Exim
// would complete unqualified addresses and add a Message-ID, a Date or a From that the sender left
// out. One mail at a time. Owns nothing; after a crash the quarantine's recorded intent makes it go
// again.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using courier_actor = caf::typed_actor<
    // All recipients or none. Fails: delivery_failed (Exim refused, or couldn't be run).
    replies_to<deliver_mail, mail_bytes>::with<mail_delivered>,
    replies_to<get_status>::with<actor_status>>;

struct courier_options {
    std::string exim = "/usr/sbin/exim4";
    uint32_t timeout_ms = 60'000;  // for one mail
    bool detached = true;          // on a thread of its own: it waits for Exim
};

courier_actor make_courier(caf::actor_system& system, const courier_options& options);

}  // namespace ie
