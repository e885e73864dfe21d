// The steps from a mail to its verdict. Pure. What later asks between attribution and scan (limits,
// whitelists) adds its reasons to the ticket; the verdict is what the reasons make of it.
#pragma once

#include "messages/scan.hpp"

namespace ie {

struct ticket_start {
    mail_id id;
    sender_objects owner;
    int64_t now_ms = 0;  // Unix time
};

// All of the ticket that is known before the mail is scanned.
hold_ticket begin_ticket(const judge_mail& mail, ticket_start start);

// Hold where there is a reason to, else accept. It is never defer or refuse, so that bounces need
// no exception; and it has no text.
mail_verdict decide(hold_ticket ticket, const scan_result& scan, hold_scope scope);

// The reasons' names, with commas between; "none".
std::string reasons_text(const std::vector<hold_reason>& reasons);

}  // namespace ie
