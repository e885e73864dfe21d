// One session with an `exim -bs` that ie-release(8) starts behind its socket, from the first line,
// which tells it the mail's id, to the end, within a time. Leaves no descriptor and no signal
// behind.
#pragma once

#include "actors/courier/smtp_dialog.hpp"

namespace ie {

struct release_door {
    std::string socket;       // where ie-release is reached
    uint32_t timeout_ms = 0;  // for the whole session
};

// Fails: delivery_failed.
outcome<mail_delivered> deliver_through_exim(const release_door& door, const deliver_mail& request,
                                             const mail_bytes& mail);

}  // namespace ie
