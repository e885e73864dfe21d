#include "actors/intake/incoming.hpp"

namespace ie {

incoming_plan plan_incoming(
    const std::vector<std::string>& recipients, const mail_policy& policy,
    const std::function<account_name(const std::string& recipient)>& account_of) {
    incoming_plan plan;
    for (const auto& recipient : recipients) {
        const account_name account = account_of(recipient);
        const bool is_whitelisted = recipient_whitelisted(policy, recipient);
        const bool is_filtered = wants_incoming_filter(policy, account);
        if (is_whitelisted) plan.whitelisted.push_back(recipient);
        if (!is_whitelisted && !is_filtered) plan.unfiltered.push_back(recipient);
        if (is_filtered) plan.accounts[account.value] |= !is_whitelisted;
        plan.is_scanned = plan.is_scanned || !is_whitelisted;
    }
    return plan;
}

mail_verdict decide_incoming(hold_ticket ticket, const std::optional<scan_result>& scan,
                             const incoming_plan& plan) {
    mail_verdict verdict;
    if (scan) {
        ticket.reasons = scan->reasons;
        ticket.score = scan->score;
        ticket.judged_by = scan->judged_by;
        verdict.is_judged = true;
    }
    verdict.action = ticket.reasons.empty() ? verdict_action::accept : verdict_action::junk;
    verdict.ticket = std::move(ticket);
    verdict.unfiltered = plan.unfiltered;
    verdict.whitelisted = plan.whitelisted;
    return verdict;
}

incoming_judged count_incoming(const mail_verdict& verdict, const incoming_plan& plan) {
    const bool is_spam = verdict.action == verdict_action::junk;
    incoming_judged counted;
    counted.at_ms = verdict.ticket.received_at_ms;
    for (const auto& [account, is_scanned] : plan.accounts) {
        counted.accounts.push_back({account_name{account}, is_spam && is_scanned});
        counted.is_spam = counted.is_spam || counted.accounts.back().is_spam;
    }
    return counted;
}

}  // namespace ie
