// What a configuration has to stand in its trial. Only for a process that `isolate` has set apart.
#pragma once

#include <array>

#include "config/system/exim_setup/trial.hpp"

namespace ie::exim {

// Exim can read it (`exim -bV`). Fails: conflict.
outcome<nothing> check_readable(const trial_plan& plan);

// A test message each way; where one isn't taken, why.
struct submissions {
    std::string sendmail;  // empty: taken
    std::string smtp;      // empty: taken
};
outcome<submissions> try_submissions(const trial_plan& plan);

// The filter is in force: its options are set, each of its expressions can be expanded, and test
// messages that the hook wants held reach it through ACL, router and transport. A message that
// wasn't taken `before` the filter was in needn't be now. Fails: conflict.
outcome<nothing> check_filter(const trial_plan& plan, const submissions& before,
                              std::vector<std::string>& notes);

}  // namespace ie::exim
