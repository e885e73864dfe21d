// Built with a table of hold reasons that has six rows more (see CMakeLists.txt) and nothing else
// changed: what must follow from the table does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/quarantine/search/filter_rules.hpp"
#include "actors/settings/named_settings.hpp"
#include "actors/statistics/pending_counts.hpp"
#include "actors/statistics/rollup_block.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto ninth = static_cast<hold_reason>(8);
static_assert(hold_reasons == 9, "this is the longer table");

TEST(MoreReasons, HaveNamesOnTheWireAndInLogs) {
    EXPECT_EQ(name_of(ninth), "extra_6");
    EXPECT_EQ(reasons_text({hold_reason::spam, ninth}), "spam,extra_6");
    EXPECT_THAT(reasons_of(bits_of({ninth, hold_reason::winexec})),
                ElementsAre(hold_reason::winexec, ninth));
}

TEST(MoreReasons, CanBeFilteredBy) {
    mail_filter filter;
    filter.reason = "extra_6";
    EXPECT_EQ(check(filter)->reason, ninth);
    filter.reason = "extra_7";
    EXPECT_THAT(check(filter).failure().what, HasSubstr("winexec, ratelimit, extra_1"));
    EXPECT_THAT(check(filter).failure().what, HasSubstr("extra_5 or extra_6"));
    EXPECT_THAT(all_reason_names("|", "|"), HasSubstr("ratelimit|extra_1|extra_2"));
}

TEST(MoreReasons, HaveSwitchesThatAreOn) {
    mail_policy policy;
    EXPECT_TRUE(policy.reasons_on.has(ninth));
    ASSERT_TRUE(apply_setting(policy, {"extra_6", "off"}));
    EXPECT_FALSE(policy.reasons_on.has(ninth));
    EXPECT_TRUE(policy.reasons_on.has(hold_reason::spam));
    const auto all = settings_of(policy);
    EXPECT_TRUE(std::is_sorted(
        all.begin(), all.end(),
        [](const setting& left, const setting& right) { return left.key < right.key; }));
    EXPECT_THAT(all, ::testing::Contains(setting{"extra_6", "off"}));
    EXPECT_THAT(all, ::testing::Contains(setting{"extra_5", "on"}));
    EXPECT_FALSE(policy.reasons_on.of(reason_kind::content).has(hold_reason::ratelimit));
}

TEST(MoreReasons, AreCountedEachByItself) {
    mail_judged mail;
    mail.action = verdict_action::hold;
    mail.ticket.sender = "a@a.test";
    mail.ticket.reasons = {hold_reason::ratelimit, ninth};
    const leaf_counts counts = counts_of(mail);
    uint64_t sum = 0;
    for (const uint64_t each : counts.values) sum += each;
    EXPECT_EQ(sum, 3U);
    EXPECT_EQ(counts[counter::quarantined], 1U);
    EXPECT_EQ(counts[counter_of(hold_reason::ratelimit)], 1U);
    EXPECT_EQ(counts[counter_of(ninth)], 1U);
}

TEST(MoreReasons, HaveCountersOfTheirOwn) {
    std::vector<size_t> places{
        static_cast<size_t>(counter::messages), static_cast<size_t>(counter::recipients),
        static_cast<size_t>(counter::quarantined), static_cast<size_t>(counter::would_limit),
        static_cast<size_t>(counter::bounces)};
    for (const auto& row : hold_reason_table) {
        places.push_back(static_cast<size_t>(counter_of(row.reason)));
    }
    std::sort(places.begin(), places.end());
    for (size_t i = 0; i < counters; ++i) EXPECT_EQ(places[i], i);
    EXPECT_EQ(places.size(), counters);
}

TEST(MoreReasons, StandInBlocksOfTheSecondFormat) {
    block_row first{7, {}};
    first.counts[counter::quarantined] = 3;
    first.counts[counter_of(ninth)] = 2;
    const block_rows rows{first, block_row{9, {{1, 1}}}};
    const std::string bytes = encode_block(rows);
    EXPECT_EQ(bytes, std::string_view("\x02\x07\x84\x40\x03\x02\x02\x01\x01", 9));
    EXPECT_EQ(*decode_block(bytes), rows);
}

// An earlier version can still read them.
TEST(MoreReasons, LeaveBlocksThatHaveNoneOfThemAsTheyWere) {
    const block_rows rows{block_row{7, {{0, 0, 3, 3}}}};
    EXPECT_EQ(encode_block(rows), "\x01\x07\x0c\x03\x03");
}

}  // namespace
}  // namespace ie
