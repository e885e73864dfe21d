// Stands in for ie-exim-hook while a new Exim configuration is tried: tells Exim to hold every
// mail, and takes over what Exim hands it. A process of its own, which ends with the trial.
#pragma once

#include <sys/types.h>

#include <string>

#include "messages/error.hpp"

namespace ie::exim {

// In the place of the mail's sender, as ie_acl and ie_transports have it.
inline constexpr const char* trial_ticket = "ie-trial";

struct trial_hook {
    std::string judge_socket;
    std::string lmtp_socket;
    std::string taken_file;  // gets a line for each mail that was handed over: its MAIL FROM
};

// The sockets listen when this returns. Fails: unavailable.
outcome<pid_t> start_trial_hook(const trial_hook& hook);

void stop_trial_hook(pid_t process);

// For a process just forked: it is killed when `parent`, which forked it, ends.
void end_with(pid_t parent);

}  // namespace ie::exim
