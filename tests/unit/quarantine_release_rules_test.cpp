#include "actors/quarantine/settle/release_rules.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

const queue_id first{"1nFEym-0005TO-Qs"};
const queue_id second{"1nFEym-0005TP-Qt"};
const error refusal{error_code::delivery_failed, "550 no"};

release_record record(mail_state state, const queue_id& bound = {}) {
    return {state, bound, {}};
}

TEST(ReleaseRules, OnlyAHeldMailIsReleasedOrRemoved) {
    EXPECT_EQ(begin_release(record(mail_state::held))->state, mail_state::releasing);
    EXPECT_EQ(begin_remove(record(mail_state::held))->state, mail_state::removed);
    for (const auto rule : {begin_release, begin_remove}) {
        EXPECT_EQ(rule(record(mail_state::releasing)).failure().code, error_code::conflict);
        EXPECT_EQ(rule(record(mail_state::released)).failure().code, error_code::not_found);
        EXPECT_EQ(rule(record(mail_state::removed)).failure().code, error_code::not_found);
    }
}

TEST(ReleaseRules, ANewReleaseForgetsTheLastOnesError) {
    EXPECT_EQ(begin_release({mail_state::held, {}, "550 no"})->error, "");
}

TEST(ReleaseRules, EximsAnswerBindsItsCopy) {
    const auto next = after_delivery(record(mail_state::releasing), mail_delivered{first});
    EXPECT_EQ(next, record(mail_state::released, first));
}

TEST(ReleaseRules, TheCopyThatAskedFirstStaysBound) {
    const auto next = after_delivery(record(mail_state::releasing, first), mail_delivered{second});
    EXPECT_EQ(next, record(mail_state::released, first));
}

TEST(ReleaseRules, AFailedReleaseIsHeldAgainWithTheReason) {
    const auto next = after_delivery(record(mail_state::releasing), refusal);
    EXPECT_EQ(next, (release_record{mail_state::held, {}, "550 no"}));
}

TEST(ReleaseRules, AFailureAfterEximAskedIsARelease) {
    const auto next = after_delivery(record(mail_state::releasing, first), refusal);
    EXPECT_EQ(next, record(mail_state::released, first));
}

TEST(ReleaseRules, AnAnswerThatComesTwiceChangesNothing) {
    const auto done = record(mail_state::released, first);
    EXPECT_EQ(after_delivery(done, mail_delivered{second}), done);
    EXPECT_EQ(after_delivery(record(mail_state::held), mail_delivered{second}),
              record(mail_state::held));
}

TEST(ReleaseRules, TheFirstCopyThatAsksIsDeliveredAndNoOther) {
    const auto asked = confirm_copy(record(mail_state::releasing), first);
    EXPECT_TRUE(asked.deliver);
    EXPECT_EQ(asked.next, record(mail_state::releasing, first));
    EXPECT_TRUE(confirm_copy(asked.next, first).deliver);
    EXPECT_FALSE(confirm_copy(asked.next, second).deliver);
    EXPECT_FALSE(confirm_copy(record(mail_state::released, first), second).deliver);
    EXPECT_TRUE(confirm_copy(record(mail_state::released, first), first).deliver);
}

TEST(ReleaseRules, ACopyOfAMailThatWasThoughtLostReleasesIt) {
    const auto asked = confirm_copy({mail_state::held, {}, "unknown"}, first);
    EXPECT_TRUE(asked.deliver);
    EXPECT_EQ(asked.next, record(mail_state::released, first));
}

TEST(ReleaseRules, ACopyOfARemovedMailIsDropped) {
    EXPECT_FALSE(confirm_copy(record(mail_state::removed), first).deliver);
    EXPECT_EQ(confirm_copy(record(mail_state::removed), first).next, record(mail_state::removed));
}

}  // namespace
}  // namespace ie
