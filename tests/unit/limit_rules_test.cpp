#include "actors/settings/limit_rules.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

const object_id one{"6ba7b810-9dad-41d1-80b4-00c04fd430c8"};
const object_id two{"6ba7b811-9dad-41d1-80b4-00c04fd430c8"};

TEST(LimitRules, TakeEachIdOnceInLowerCase) {
    const auto ids =
        checked_ids({two, object_id{"6BA7B810-9DAD-41D1-80B4-00C04FD430C8"}, one, two});
    ASSERT_TRUE(ids);
    EXPECT_EQ(*ids, (std::vector{two, one}));
}

TEST(LimitRules, RefuseIdsThatCanBeNobodys) {
    for (const char* id : {"", "alice", "00000000-0000-0000-0000-000000000000"}) {
        const auto ids = checked_ids({one, object_id{id}});
        ASSERT_FALSE(ids) << id;
        EXPECT_EQ(ids.failure().code, error_code::not_found);
    }
    EXPECT_EQ(checked_ids({object_id{"alice"}}).failure().what,
              "no sender object has the id alice");
}

TEST(LimitRules, BoundTheIdsOfARequest) {
    EXPECT_EQ(checked_ids({}).failure().code, error_code::bad_request);
    EXPECT_EQ(checked_ids(std::vector(1'001, one)).failure().code, error_code::bad_request);
}

TEST(LimitRules, BoundTheLimit) {
    for (const int64_t limit : {int64_t{-1}, int64_t{0}, int64_t{4'294'967'295}}) {
        EXPECT_TRUE(check_limit(limit)) << limit;
    }
    for (const int64_t limit : {int64_t{-2}, int64_t{4'294'967'296}, INT64_MIN, INT64_MAX}) {
        EXPECT_EQ(check_limit(limit).failure().code, error_code::bad_request) << limit;
    }
}

TEST(LimitRules, KnowAnObjectByStatisticsOrByItsLimit) {
    const objects_found found{{{one, sender_kind::account, account_name{"alice"}, "alice"}}};
    limit_table limits;
    EXPECT_EQ(objects_of({one, two}, found, limits).failure().code, error_code::not_found);
    limits[two] = {two, sender_kind::domain, account_name{"bob"}, "bob.test", 3};
    const auto objects = objects_of({two, one}, found, limits);
    ASSERT_TRUE(objects);
    EXPECT_EQ(object_text((*objects)[0]), "domain bob.test of bob");
    EXPECT_EQ(object_text((*objects)[1]), "account alice");
    EXPECT_EQ(limit_or_default(limits, two), "3");
    EXPECT_EQ(limit_or_default(limits, one), "default");
}

TEST(LimitRules, NameBothTypesWhereTheyDiffer) {
    const std::vector<known_object> objects{{one, sender_kind::script, {}, "x.test/a.php"}};
    EXPECT_TRUE(check_kind(objects, sender_kind::script));
    EXPECT_EQ(check_kind(objects, sender_kind::domain).failure().what,
              one.value + " is of type script, not domain (x.test/a.php)");
}

TEST(LimitRules, CountWhatTheModeCounts) {
    EXPECT_EQ(usage_text({17, 40}, limit_mode::messages), "17 messages");
    EXPECT_EQ(usage_text({17, 40}, limit_mode::recipients), "40 recipients");
}

}  // namespace
}  // namespace ie
