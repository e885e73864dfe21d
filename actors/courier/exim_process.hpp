// One `exim -bs` process and the session with it, start to end within a time. Leaves no process, no
// descriptor and no signal behind; Exim's standard error is kept, bounded, for the failure's text.
#pragma once

#include "actors/courier/smtp_dialog.hpp"

namespace ie {

struct exim_command {
    std::string program;      // path of exim
    uint32_t timeout_ms = 0;  // for the whole session
};

// Fails: delivery_failed.
outcome<mail_delivered> deliver_through_exim(const exim_command& command,
                                             const deliver_mail& request, const mail_bytes& mail);

}  // namespace ie
