// The steps from a mail to its verdict. Pure. Each adds its reasons to the ticket; the verdict is
// what the reasons make of it.
#pragma once

#include "config/mail_policy.hpp"
#include "messages/scan.hpp"

namespace ie {

struct ticket_start {
    mail_id id;
    sender_objects owner;
    int64_t now_ms = 0;  // Unix time
};

// All of the ticket that is known before the mail is scanned.
hold_ticket begin_ticket(const judge_mail& mail, ticket_start start);

// How many they are where each is counted once, in whatever case it is written.
uint32_t count_distinct(const std::vector<std::string>& recipients);

// What the rate limiter said: whom the mail is counted under, and the reason and the limits where
// it has no room. In a dry run it isn't held for that.
void apply_quota(hold_ticket& ticket, const quota_verdict& quota, const mail_policy& policy);

// Hold where there is a reason to, else accept. What would be held and can't be, because the
// account's quarantine is blocked or smaller than the mail, is refused, with the reason as text:
// the sender is told, and nothing is lost in silence. For the same reason a bounce that this server
// makes reaches people here, whatever it quotes; only what leaves is held.
mail_verdict decide(hold_ticket ticket, const scan_result& scan, hold_scope scope,
                    const space_rules& space, uint64_t size_bytes);

// The limits that a mail would have exceeded, with "; " between; "none".
std::string limits_text(const std::vector<limit_hit>& limits);

// What was found in a mail's attachments, with "; " between; "none".
std::string findings_text(const std::vector<std::string>& findings);

}  // namespace ie
