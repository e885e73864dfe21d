// The courier: gives a released mail back to Exim, original bytes and envelope, through the
// `exim -bs` that ie-release(8) starts. One mail at a time. Owns nothing; after a crash the
// quarantine's recorded intent makes it go again.
#pragma once

#include "actors/caf.hpp"

namespace ie {

using courier_actor = caf::typed_actor<
    // All recipients or none. Fails: delivery_failed (Exim refused, or isn't reached).
    replies_to<deliver_mail, mail_bytes>::with<mail_delivered>,
    replies_to<get_status>::with<actor_status>>;

struct courier_options {
    std::string socket;            // of ie-release
    uint32_t timeout_ms = 60'000;  // for one mail
    bool detached = true;          // on a thread of its own: it waits for Exim
};

courier_actor make_courier(caf::actor_system& system, const courier_options& options);

}  // namespace ie
