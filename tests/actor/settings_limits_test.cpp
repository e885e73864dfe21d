#include <gmock/gmock.h>

#include "tests/actor/settings_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const object_id unknown{"6ba7b819-9dad-41d1-80b4-00c04fd430c8"};

class SettingsLimits : public testing::settings_fixture {
  protected:
    SettingsLimits() { start(); }

    outcome<counts_reset> reset(std::vector<object_id> ids) {
        return *ask<counts_reset>(settings_, reset_counts{std::move(ids)}, root());
    }
    std::optional<uint32_t> own_limit(const known_object& object) const {
        const auto& own = policy_.get()->own_limits;
        const auto found = own.find(to_key(object.id.value));
        return found == own.end() ? std::nullopt : std::optional(found->second);
    }
};

TEST_F(SettingsLimits, AreSetForSeveralObjectsAtOnce) {
    const auto done = set_limit({shop_.id, mail_.id}, sender_kind::domain, 5);
    ASSERT_TRUE(done) << done.failure().what;
    ASSERT_EQ(done->items.size(), 2U);
    EXPECT_EQ(done->items[0],
              (individual_limit{mail_.id, sender_kind::domain, alice_.account, "mail.test", 5}));
    EXPECT_EQ(own_limit(shop_), 5U);
    EXPECT_EQ(own_limit(mail_), 5U);
    EXPECT_THAT(told(trail()), ElementsAre("change_limits domain mail.test of alice: default → 5",
                                           "change_limits domain shop.test of alice: default → 5"));
}

TEST_F(SettingsLimits, OfZeroMeanUnlimitedAndOfMinusOneTheDefaultAgain) {
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, 0));
    EXPECT_EQ(own_limit(shop_), 0U);
    const auto removed = set_limit({shop_.id}, sender_kind::domain, -1);
    ASSERT_TRUE(removed);
    EXPECT_EQ(removed->items[0].limit, -1);
    EXPECT_EQ(own_limit(shop_), std::nullopt);
    EXPECT_TRUE(limits().empty());
    EXPECT_EQ(told(trail())[0], "change_limits domain shop.test of alice: 0 → default");
}

TEST_F(SettingsLimits, ThatAreThereAlreadySucceedWithoutARecord) {
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, -1));
    EXPECT_TRUE(trail().empty());
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, 5));
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, 5));
    EXPECT_EQ(trail().size(), 1U);
}

TEST_F(SettingsLimits, OfAnUnknownIdAreRefusedAndNothingIsChanged) {
    const auto refused = set_limit({shop_.id, unknown}, sender_kind::domain, 5);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::not_found);
    EXPECT_THAT(refused.failure().what, HasSubstr(unknown.value));
    EXPECT_EQ(own_limit(shop_), std::nullopt);
}

TEST_F(SettingsLimits, OfAnotherTypeAreRefusedNamingBoth) {
    const auto refused = set_limit({shop_.id, alice_.id}, sender_kind::domain, 5);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::bad_request);
    EXPECT_THAT(refused.failure().what, HasSubstr("is of type account, not domain"));
    EXPECT_EQ(own_limit(shop_), std::nullopt);
}

TEST_F(SettingsLimits, OutOfRangeAreRefused) {
    for (const int64_t limit : {int64_t{-2}, int64_t{1} << 32}) {
        EXPECT_EQ(set_limit({shop_.id}, sender_kind::domain, limit).failure().code,
                  error_code::bad_request);
    }
}

TEST_F(SettingsLimits, CanBeRemovedWhenStatisticsHasForgottenTheObject) {
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, 5));
    neighbours_.objects.clear();
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, -1));
    EXPECT_TRUE(limits().empty());
}

TEST_F(SettingsLimits, AreListedByAccountKindAndName) {
    ASSERT_TRUE(set_limit({shop_.id, mail_.id}, sender_kind::domain, 5));
    ASSERT_TRUE(set_limit({alice_.id}, sender_kind::account, 9));
    std::vector<std::string> names;
    for (const auto& each : limits()) names.push_back(each.object);
    EXPECT_THAT(names, ElementsAre("alice", "mail.test", "shop.test"));
}

TEST_F(SettingsLimits, GiveUpWhenStatisticsDoesNotAnswer) {
    neighbours_.statistics_answers = false;
    const auto pending =
        begin<limit_list>(settings_, change_limits{{shop_.id}, sender_kind::domain, 5}, root());
    run();
    EXPECT_FALSE(*pending);
    advance(std::chrono::seconds(3));
    ASSERT_TRUE(*pending);
    EXPECT_EQ((*pending)->failure().code, error_code::deadline_exceeded);
    EXPECT_EQ(own_limit(shop_), std::nullopt);
}

TEST_F(SettingsLimits, LoseNothingThatWasServedMeanwhile) {
    const auto first =
        begin<limit_list>(settings_, change_limits{{shop_.id}, sender_kind::domain, 5}, root());
    const auto second =
        begin<limit_list>(settings_, change_limits{{shop_.id}, sender_kind::domain, 6}, root());
    const auto third =
        begin<settings_values>(settings_, change_settings{{{"spam", "off"}}}, root());
    run();
    ASSERT_TRUE(**first && **second && **third);
    EXPECT_EQ(own_limit(shop_), 6U);
    EXPECT_FALSE(policy_.get()->reasons_on.has(hold_reason::spam));
    EXPECT_EQ(told(trail())[0], "change_limits domain shop.test of alice: 5 → 6");
}

TEST_F(SettingsLimits, ResetForgetsCountsAndRecordsWhatTheyWere) {
    const auto done = reset({mail_.id, shop_.id});
    ASSERT_TRUE(done) << done.failure().what;
    EXPECT_THAT(done->ids, ElementsAre(mail_.id, shop_.id));
    ASSERT_EQ(neighbours_.forgotten.size(), 1U);
    EXPECT_THAT(neighbours_.forgotten[0],
                ElementsAre(to_key(mail_.id.value), to_key(shop_.id.value)));
    EXPECT_THAT(told(trail()),
                ElementsAre("reset_counts domain shop.test of alice: 18 messages → 0",
                            "reset_counts domain mail.test of alice: 17 messages → 0"));
}

TEST_F(SettingsLimits, ResetSpeaksOfRecipientsWhereTheyAreCounted) {
    ASSERT_TRUE(change({{"limit_mode", "2"}}));
    ASSERT_TRUE(reset({shop_.id}));
    EXPECT_EQ(trail()[0].before, "40 recipients");
}

TEST_F(SettingsLimits, ResetOfAnUnknownIdForgetsNothing) {
    const auto refused = reset({shop_.id, unknown});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::not_found);
    EXPECT_TRUE(neighbours_.forgotten.empty());
    EXPECT_TRUE(trail().empty());
}

TEST_F(SettingsLimits, AResetWithoutAnAnswerIsRecordedAsThat) {
    neighbours_.limiter_answers = false;
    const auto pending = begin<counts_reset>(settings_, reset_counts{{shop_.id}}, root());
    run();
    advance(std::chrono::seconds(3));
    ASSERT_TRUE(*pending);
    EXPECT_EQ((*pending)->failure().code, error_code::deadline_exceeded);
    EXPECT_EQ(trail()[0].result, "no answer in time");
}

TEST_F(SettingsLimits, AResetThatCantBeRecordedNowIsRecordedLater) {
    break_database();
    const auto refused = reset({shop_.id});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_THAT(refused.failure().what, HasSubstr("the counts are forgotten"));
    mend_database();
    advance(std::chrono::seconds(2));
    EXPECT_EQ(told(trail())[0], "reset_counts domain shop.test of alice: 17 messages → 0");
}

}  // namespace
}  // namespace ie
