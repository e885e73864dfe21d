// What becomes of an incoming mail (seed, Incoming Email Filtering): for whom it is filtered, and
// what its score makes of it. Pure. Spam goes to Junk folders and is never held or refused here;
// only what a forwarder would carry outside is, by Exim's routers.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "config/mail_policy.hpp"
#include "messages/scan.hpp"

namespace ie {

// A mail's recipients, as they were given, by what is to be done for them.
struct incoming_plan {
    std::vector<std::string> unfiltered;   // their accounts have opted out
    std::vector<std::string> whitelisted;  // pass whatever it is
    // Of filtered recipients, by name; true where one of them isn't whitelisted.
    std::map<std::string, bool> accounts;
    bool is_scanned = false;  // somebody's mail isn't whitelisted
};

incoming_plan plan_incoming(
    const std::vector<std::string>& recipients, const mail_policy& policy,
    const std::function<account_name(const std::string& recipient)>& account_of);

// `junk` for spam, else `accept`. `scan`: nothing where it wasn't scanned.
mail_verdict decide_incoming(hold_ticket ticket, const std::optional<scan_result>& scan,
                             const incoming_plan& plan);

// What statistics count; no accounts where nobody's mail is filtered.
incoming_judged count_incoming(const mail_verdict& verdict, const incoming_plan& plan);

}  // namespace ie
