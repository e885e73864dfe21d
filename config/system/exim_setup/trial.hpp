// Tries a new Exim configuration before it replaces anything: in a mount namespace of its own,
// where the new files lie over the real ones, with a spool, logs and a hook of its own. Real Exim
// processes read it, expand each expression in the filter's part, and take test messages through
// it. Nothing of it is seen outside, nothing is delivered, and all of it is gone with the process.
#pragma once

#include <optional>

#include "config/system/exim_setup/debian_files.hpp"

namespace ie::exim {

struct trial_plan {
    std::string exim;  // the program
    // Every file that the filter may be in, without it; unset: not there then.
    std::map<std::string, std::optional<std::string>> without;
    file_texts with;        // those that differ with it; empty: it is being taken out
    std::string generated;  // as in `configuration`
    std::vector<expression> expressions;
    std::string judge_socket;
    std::string lmtp_socket;
    uint32_t release_uid = 0;
    std::string folder;  // an empty one, over which the trial's own files are mounted
};

struct trial_result {
    std::string generated;           // what update-exim4.conf makes of the new files
    std::vector<std::string> notes;  // what an administrator should know
};

// Fails: conflict (the new configuration, or already the old one, doesn't do; the text says what
// and where), unavailable (it couldn't be tried).
outcome<trial_result> try_configuration(const trial_plan& plan);

// Debian's way from conf.d or the template to what Exim reads, as its init script goes it.
outcome<nothing> generate();

}  // namespace ie::exim
