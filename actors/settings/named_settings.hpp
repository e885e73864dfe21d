// The settings that an administrator changes by name: which there are, what may stand in each, and
// where it goes in the policy. Pure. A setting's value is kept and answered in one form of text
// only: plain decimal numbers, "on" and "off".
#pragma once

#include "config/mail_policy.hpp"
#include "messages/settings.hpp"

namespace ie {

// Fails: bad_request, with name and value, and what would be right.
outcome<nothing> apply_setting(mail_policy& policy, const setting& change);

// All of them as the policy has them, ordered by name.
std::vector<setting> settings_of(const mail_policy& policy);

struct changed_setting {
    std::string key;
    std::string before;
    std::string after;
};

// What a list of changes comes to, in its order; what has the value already is there too. Fails:
// bad_request (as above, or a name that is given twice), and then none of them is right to apply.
outcome<std::vector<changed_setting>> plan_settings(const mail_policy& now,
                                                    const std::vector<setting>& changes);

}  // namespace ie
