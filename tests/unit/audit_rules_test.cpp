#include "actors/settings/audit_rules.hpp"

#include <gtest/gtest.h>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int64_t start_ms = 1'795'333'986'000;

request_refused by(uint32_t uid) {
    return {{caller_role::account, uid, account_name{"alice"}, ""}, "list_audit", "not for you"};
}

TEST(AuditRecord, NamesTheLoginOrTheUid) {
    const caller root{caller_role::root, 0, account_name{"root"}, ""};
    const auto record = begin_record(root, "root", 7, "change_limits");
    EXPECT_EQ(record.who, "root");
    EXPECT_EQ(record.by, entrance::local);
    EXPECT_EQ(record.at_s, 7);
    EXPECT_EQ(record.action, "change_limits");
    EXPECT_EQ(record.result, "done");
    EXPECT_EQ(begin_record({caller_role::stranger, 4'711, {}, ""}, "", 7, "x").who, "uid 4711");
}

TEST(AuditRecord, NamesTheKeyOfACallerOnTheNetwork) {
    const auto record =
        begin_record({caller_role::root, 0, account_name{"root"}, "backup-host"}, "", 7, "x");
    EXPECT_EQ(record.who, "backup-host");
    EXPECT_EQ(record.by, entrance::network);
}

TEST(AuditRecord, IsBoundedAndValidUtf8) {
    audit_record record;
    for (int i = 0; i < 1'000; ++i) record.object += "\xc3\xbc";
    record.result = "bad \xff byte";
    const auto cut = bounded(record);
    EXPECT_LE(cut.object.size(), audit_text_bytes_max);
    EXPECT_GT(cut.object.size(), audit_text_bytes_max - 8);
    EXPECT_EQ(valid_utf8(cut.object), cut.object);
    EXPECT_EQ(cut.result, "bad \xef\xbf\xbd byte");
}

TEST(RefusalBudget, AdmitsSixtyAMinuteOfOneUidAndCountsTheRest) {
    refusal_budget budget;
    int admitted = 0;
    for (int i = 0; i < 183; ++i) admitted += budget.admit(by(1), start_ms + i) ? 1 : 0;
    EXPECT_EQ(admitted, 60);
    EXPECT_TRUE(budget.admit(by(2), start_ms));
    EXPECT_TRUE(budget.take_ended(start_ms + 59'999).empty());
    const auto ended = budget.take_ended(start_ms + 60'000);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].count, 123U);
    EXPECT_EQ(ended[0].last.who.uid, 1U);
    EXPECT_TRUE(budget.admit(by(1), start_ms + 60'000));
}

TEST(RefusalBudget, LosesNoCountBetweenTwoMinutes) {
    refusal_budget budget;
    for (int i = 0; i < 62; ++i) budget.admit(by(1), start_ms);
    EXPECT_FALSE(budget.admit(by(1), start_ms + 61'000));
    const auto ended = budget.take_ended(start_ms + 61'000);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].count, 3U);
}

TEST(RefusalBudget, GivesOutEverythingAtTheEnd) {
    refusal_budget budget;
    for (int i = 0; i < 61; ++i) budget.admit(by(1), start_ms);
    ASSERT_EQ(budget.take_all().size(), 1U);
    EXPECT_TRUE(budget.take_all().empty());
}

TEST(RefusalBudget, ToleratesAClockThatGoesBack) {
    refusal_budget budget;
    for (int i = 0; i < 60; ++i) budget.admit(by(1), start_ms);
    EXPECT_TRUE(budget.admit(by(1), start_ms - 1));
}

TEST(RefusalBudget, IsBoundedOverAllUids) {
    refusal_budget budget;
    int admitted = 0;
    constexpr int extra = 1'000;
    for (uint32_t uid = 0; uid < refusal_budget::uids_max + extra; ++uid) {
        admitted += budget.admit(by(uid), start_ms) ? 1 : 0;
    }
    EXPECT_EQ(admitted, static_cast<int>(refusal_budget::uids_max) + 60);
    const auto rest = budget.take_all();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].count, static_cast<uint64_t>(extra - 60));
}

}  // namespace
}  // namespace ie
