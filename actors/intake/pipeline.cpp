#include "actors/intake/pipeline.hpp"

namespace ie {

hold_ticket begin_ticket(const judge_mail& mail, ticket_start start) {
    hold_ticket ticket;
    ticket.id = std::move(start.id);
    ticket.owner = std::move(start.owner);
    ticket.sender = mail.sender;
    ticket.originator_uid = mail.originator_uid;
    ticket.authenticated_id = mail.authenticated_id;
    ticket.client_address = mail.client_address;
    ticket.received_at_ms = start.now_ms;
    return ticket;
}

mail_verdict decide(hold_ticket ticket, const scan_result& scan, hold_scope scope) {
    ticket.reasons.insert(ticket.reasons.end(), scan.reasons.begin(), scan.reasons.end());
    ticket.score = scan.score;
    ticket.judged_by = scan.judged_by;
    mail_verdict verdict;
    verdict.action = ticket.reasons.empty() ? verdict_action::accept : verdict_action::hold;
    verdict.scope = scope;
    verdict.ticket = std::move(ticket);
    return verdict;
}

std::string reasons_text(const std::vector<hold_reason>& reasons) {
    std::string text;
    for (const hold_reason reason : reasons) {
        if (!text.empty()) text += ',';
        text += name_of(reason);
    }
    return text.empty() ? "none" : text;
}

}  // namespace ie
