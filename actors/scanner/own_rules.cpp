#include "actors/scanner/own_rules.hpp"

#include <algorithm>
#include <functional>

namespace ie {
namespace {

struct own_rule {
    std::string_view name;
    double score;
    bool (*matches)(std::string_view mail);
};

// The test mail of SpamAssassin, which Rspamd and others know too: how people try a filter.
bool has_gtube(std::string_view mail) {
    static constexpr std::string_view gtube =
        "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    static const std::boyer_moore_horspool_searcher searcher(gtube.begin(), gtube.end());
    return std::search(mail.begin(), mail.end(), searcher) != mail.end();
}

constexpr own_rule rules[] = {
    {"gtube", 1'000.0, has_gtube},  // above any threshold that can be set
};

}  // namespace

double own_score(std::string_view mail) {
    double score = 0;
    for (const own_rule& rule : rules) {
        if (rule.matches(mail)) score += rule.score;
    }
    return score;
}

scan_result judge_by_own_rules(std::string_view mail, double spam_threshold) {
    scan_result result;
    result.judged_by = judge::own_rules;
    result.score = own_score(mail);
    if (result.score >= spam_threshold) result.reasons.push_back(hold_reason::spam);
    return result;
}

}  // namespace ie
