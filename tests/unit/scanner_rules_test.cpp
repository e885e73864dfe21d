#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/scanner/own_rules.hpp"
#include "actors/scanner/verdict_rules.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double threshold = 6.0;
constexpr std::string_view gtube =
    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

std::vector<hold_reason> reasons_for(std::string action, double score, bool is_skipped = false) {
    return judge_by_rspamd({std::move(action), score, 15.0, is_skipped}, threshold).reasons;
}

TEST(VerdictRules, HoldsFromTheThresholdOn) {
    EXPECT_THAT(reasons_for("no action", 5.99), IsEmpty());
    EXPECT_THAT(reasons_for("no action", 6.0), ElementsAre(hold_reason::spam));
}

TEST(VerdictRules, HoldsWhatRspamdRejectsWhateverItsScore) {
    EXPECT_THAT(reasons_for("reject", 0), ElementsAre(hold_reason::spam));
    EXPECT_THAT(reasons_for("soft reject", 0), IsEmpty());
}

TEST(VerdictRules, HoldsGtubeThoughRspamdCallsItSkipped) {
    EXPECT_THAT(reasons_for("reject", 15, true), ElementsAre(hold_reason::spam));
}

TEST(VerdictRules, PassesASkippedMailWhateverItsScore) {
    EXPECT_THAT(reasons_for("no action", 99, true), IsEmpty());
}

TEST(VerdictRules, SaysWhoJudgedAndTheScore) {
    const auto result = judge_by_rspamd({"add header", 7.5, 15.0, false}, threshold);
    EXPECT_EQ(result.judged_by, judge::rspamd);
    EXPECT_DOUBLE_EQ(result.score, 7.5);
}

TEST(OwnRules, KnowGtubeAnywhereInTheMail) {
    const std::string mail = "Subject: x\r\n\r\n" + std::string(1 << 20, 'X');
    const auto result = judge_by_own_rules(mail + std::string(gtube) + "\r\n", threshold);
    EXPECT_THAT(result.reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ(result.judged_by, judge::own_rules);
}

TEST(OwnRules, KnowGtubeWhateverTheThreshold) {
    EXPECT_THAT(judge_by_own_rules(gtube, 999).reasons, ElementsAre(hold_reason::spam));
}

TEST(OwnRules, PassTheRest) {
    EXPECT_THAT(judge_by_own_rules("", threshold).reasons, IsEmpty());
    EXPECT_THAT(judge_by_own_rules(gtube.substr(1), threshold).reasons, IsEmpty());
    EXPECT_THAT(judge_by_own_rules(std::string(1 << 20, '\0'), threshold).reasons, IsEmpty());
}

}  // namespace
}  // namespace ie
