#include "actors/scanner/verdict_rules.hpp"

namespace ie {
namespace {

// What Rspamd does with a mail that must not go on, by its rules or an administrator's. "soft
// reject" isn't among them: it is about the sender's rate.
bool is_spam_action(std::string_view action) {
    return action == "reject" || action == "discard" || action == "quarantine";
}

}  // namespace

scan_result judge_by_rspamd(const rspamd_reply& reply, double spam_threshold) {
    scan_result result;
    result.score = reply.score;
    result.judged_by = judge::rspamd;
    // Rspamd calls a mail skipped that it judged without its rules, GTUBE's among them.
    const bool over = !reply.is_skipped && reply.score >= spam_threshold;
    if (over || is_spam_action(reply.action)) {
        result.reasons.push_back(hold_reason::spam);
    }
    return result;
}

}  // namespace ie
