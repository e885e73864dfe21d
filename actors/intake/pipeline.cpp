#include "actors/intake/pipeline.hpp"

#include <unordered_set>

#include "messages/text.hpp"

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

uint32_t count_distinct(const std::vector<std::string>& recipients) {
    std::unordered_set<std::string> seen;
    for (const auto& each : recipients) seen.insert(to_lower(each));
    return static_cast<uint32_t>(seen.size());
}

void apply_quota(hold_ticket& ticket, const quota_verdict& quota, const mail_policy& policy) {
    ticket.owner = quota.owner;
    if (quota.hits.empty() || policy.dry_run) return;
    ticket.reasons.push_back(hold_reason::ratelimit);
    ticket.limits = quota.hits;
}

namespace {

// Empty where the account's quarantine takes the mail.
std::string refusal_text(const hold_ticket& ticket, const space_rules& space, uint64_t size_bytes) {
    const bool blocked = space.state == space_state::block;
    if (!blocked && size_bytes <= space.limit_bytes) return {};
    std::string text = "This message was stopped (" + reasons_text(ticket.reasons) +
                       ") and can't be quarantined: the quarantine of account " +
                       ticket.owner.account.value;
    if (blocked) return text + " is blocked";
    return text + " holds " + std::to_string(space.limit_bytes) + " bytes, the message has " +
           std::to_string(size_bytes);
}

// By this server itself: no account's, no client's. It may quote a spam that it tells of.
bool is_own_bounce(const hold_ticket& ticket) {
    return ticket.sender.empty() && ticket.client_address.empty() &&
           ticket.owner.account.value == root_account;
}

}  // namespace

mail_verdict decide(hold_ticket ticket, const scan_result& scan, hold_scope scope,
                    const space_rules& space, uint64_t size_bytes) {
    ticket.reasons.insert(ticket.reasons.end(), scan.reasons.begin(), scan.reasons.end());
    ticket.score = scan.score;
    ticket.judged_by = scan.judged_by;
    mail_verdict verdict;
    verdict.action = ticket.reasons.empty() ? verdict_action::accept : verdict_action::hold;
    verdict.scope = is_own_bounce(ticket) ? hold_scope::remote : scope;
    verdict.attachments = scan.attachments;
    ticket.attachment_findings = scan.attachments;
    if (verdict.action == verdict_action::hold) {
        verdict.text = refusal_text(ticket, space, size_bytes);
        if (!verdict.text.empty()) verdict.action = verdict_action::refuse;
    }
    verdict.ticket = std::move(ticket);
    return verdict;
}

std::string findings_text(const std::vector<std::string>& findings) {
    std::string out;
    for (const auto& each : findings) out.append(out.empty() ? "" : "; ").append(each);
    return out.empty() ? "none" : out;
}

std::string limits_text(const std::vector<limit_hit>& limits) {
    std::string out;
    for (const auto& each : limits) out.append(out.empty() ? "" : "; ").append(limit_text(each));
    return out.empty() ? "none" : out;
}

}  // namespace ie
