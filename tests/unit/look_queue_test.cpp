#include "actors/scanner/look_queue.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const account_name alice{"alice"}, bob{"bob"}, carol{"carol"};
constexpr size_t many = 1'000;

// As many as may begin at once.
std::vector<uint64_t> begin_all(look_queue& queue) {
    std::vector<uint64_t> mails;
    while (const auto mail = queue.begin_next()) mails.push_back(*mail);
    return mails;
}

TEST(LookQueue, TakesAccountsInTurnAndEachOnesMailsInOrder) {
    look_queue queue({many, many});
    for (const uint64_t mail : {1, 2, 3}) queue.put(alice, mail);
    for (const uint64_t mail : {11, 12}) queue.put(bob, mail);
    queue.put(carol, 21);
    EXPECT_EQ(queue.waiting(), 6U);
    EXPECT_THAT(begin_all(queue), ElementsAre(1, 11, 21, 2, 12, 3));
    EXPECT_EQ(queue.waiting(), 0U);
}

TEST(LookQueue, WhoComesLaterWaitsForOneMailOfEachOther) {
    look_queue queue({many, many});
    for (uint64_t mail = 1; mail <= 100; ++mail) queue.put(alice, mail);
    EXPECT_EQ(queue.begin_next(), 1U);
    queue.put(bob, 200);
    EXPECT_EQ(queue.begin_next(), 2U);
    EXPECT_EQ(queue.begin_next(), 200U);
    EXPECT_EQ(queue.begin_next(), 3U);
}

TEST(LookQueue, NoneIsLookedIntoForMoreThanItsShareAtATime) {
    look_queue queue({many, 1});
    for (const uint64_t mail : {1, 2, 3}) queue.put(alice, mail);
    EXPECT_THAT(begin_all(queue), ElementsAre(1));
    queue.put(bob, 11);
    EXPECT_THAT(begin_all(queue), ElementsAre(11));
    queue.end(bob);
    EXPECT_THAT(begin_all(queue), IsEmpty());
    queue.end(alice);
    EXPECT_THAT(begin_all(queue), ElementsAre(2));
}

TEST(LookQueue, WhoWaitsForItsShareKeepsItsTurn) {
    look_queue queue({many, 1});
    for (const uint64_t mail : {1, 2}) queue.put(alice, mail);
    EXPECT_EQ(queue.begin_next(), 1U);
    for (const uint64_t mail : {11, 12}) queue.put(bob, mail);
    EXPECT_EQ(queue.begin_next(), 11U);
    queue.end(bob);
    queue.end(alice);
    EXPECT_THAT(begin_all(queue), ElementsAre(2, 12));
}

TEST(LookQueue, WhereTooManyWaitTheNewestOfTheLongestLineGivesWay) {
    look_queue queue({4, many});
    queue.put(bob, 11);
    for (const uint64_t mail : {1, 2, 3}) EXPECT_EQ(queue.put(alice, mail), std::nullopt);
    EXPECT_EQ(queue.put(carol, 21), 3U);
    EXPECT_EQ(queue.put(alice, 4), 4U);
    EXPECT_EQ(queue.put(bob, 12), 2U);  // both have two, and bob's turn is before alice's
    EXPECT_EQ(queue.waiting(), 4U);
    EXPECT_THAT(begin_all(queue), ElementsAre(11, 1, 21, 12));
}

TEST(LookQueue, WhereNobodyHasTwoTheNewcomerGivesWay) {
    look_queue queue({2, many});
    queue.put(alice, 1);
    queue.put(bob, 11);
    EXPECT_EQ(queue.put(carol, 21), 21U);
    EXPECT_THAT(begin_all(queue), ElementsAre(1, 11));
    EXPECT_EQ(queue.put(carol, 22), std::nullopt);
    EXPECT_THAT(begin_all(queue), ElementsAre(22));
}

// Whatever comes and ends when: none is lost or taken twice, bounds hold.
TEST(LookQueue, LosesNone) {
    constexpr look_queue::queue_bounds bounds{20, 2};
    for (unsigned seed = 1; seed <= 50; ++seed) {
        std::mt19937 random(seed);
        look_queue queue(bounds);
        std::map<uint64_t, account_name> waiting;
        std::map<account_name, size_t> running;
        for (uint64_t step = 1; step <= 2'000; ++step) {
            const account_name owner{std::to_string(random() % 5)};
            if (random() % 2 == 0) {
                waiting[step] = owner;
                const auto out = queue.put(owner, step);
                ASSERT_EQ(out ? waiting.erase(*out) : 1U, 1U) << seed;
            } else if (random() % 2 == 0 && running[owner] > 0) {
                queue.end(owner);
                --running[owner];
            } else if (const auto mail = queue.begin_next()) {
                ASSERT_TRUE(waiting.contains(*mail)) << seed;
                ASSERT_LE(++running[waiting[*mail]], bounds.running_of_one_max) << seed;
                waiting.erase(*mail);
            }
            ASSERT_EQ(queue.waiting(), waiting.size()) << seed;
            ASSERT_LE(queue.waiting(), bounds.waiting_max) << seed;
        }
    }
}

}  // namespace
}  // namespace ie
