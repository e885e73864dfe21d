#include "gateway/doors/fair_shares.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ie {
namespace {

using room = fair_shares::room;

TEST(FairShares, GiveEachUserHisPart) {
    fair_shares shares({10, 100});
    EXPECT_EQ(shares.room_for(1, 10), room::there);
    shares.take(1, 10);
    EXPECT_EQ(shares.room_for(1, 1), room::share_used);
    EXPECT_EQ(shares.room_for(2, 10), room::there);
    shares.give_back(1, 4);
    EXPECT_EQ(shares.room_for(1, 4), room::there);
}

TEST(FairShares, LetWhatIsMoreThanAShareHaveItsTurnAlone) {
    fair_shares shares({10, 100});
    EXPECT_EQ(shares.room_for(1, 60), room::there);
    shares.take(1, 60);
    EXPECT_EQ(shares.room_for(1, 1), room::share_used);
}

TEST(FairShares, WhenAllIsTakenTheGreediestGivesWayToWhoHasLess) {
    fair_shares shares({4, 6});
    shares.take(1, 4);
    shares.take(2, 2);
    EXPECT_EQ(shares.room_for(3, 1), room::greediest);
    EXPECT_EQ(shares.greediest(), 1U);
    EXPECT_EQ(shares.room_for(2, 1), room::greediest);
    EXPECT_EQ(shares.room_for(2, 2), room::all_taken) << "he would have as much";
}

TEST(FairShares, WhoHasTheMostHimselfMakesNobodyGiveWay) {
    fair_shares shares({10, 6});
    shares.take(1, 4);
    shares.take(2, 2);
    EXPECT_EQ(shares.room_for(1, 1), room::all_taken);
}

TEST(FairShares, OfSeveralWithAsMuchTheHighestUidIsTheGreediest) {
    fair_shares shares({2, 4});
    shares.take(1'001, 2);
    shares.take(100'001, 2);
    EXPECT_EQ(shares.greediest(), 100'001U);
}

// Thousands of steps of users who take whatever they may: nobody has more than his share, all
// together never more than there is, and whoever comes with empty hands finds room unless all
// others have as little.
TEST(FairSharesProperty, NobodyTakesAnothersPart) {
    for (uint32_t seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        const uint64_t each = 1 + random() % 20;
        const uint64_t all = each + random() % 60;
        fair_shares shares({each, all});
        std::map<uint32_t, uint64_t> has;
        for (int i = 0; i < 5'000; ++i) {
            const uint32_t user = 1 + random() % 12;
            const uint64_t amount = 1 + random() % each;
            if (random() % 4 == 0 && has[user] > 0) {
                shares.give_back(user, has[user]);
                has[user] = 0;
            } else {
                auto found = shares.room_for(user, amount);
                while (found == room::greediest) {
                    const uint32_t loser = shares.greediest();
                    ASSERT_NE(loser, user);
                    ASSERT_GT(has[loser], has[user] + amount);
                    shares.give_back(loser, 1);
                    --has[loser];
                    found = shares.room_for(user, amount);
                }
                if (found == room::there) {
                    shares.take(user, amount);
                    has[user] += amount;
                } else if (has[user] == 0) {
                    for (const auto& [other, amount_of] : has) ASSERT_LE(amount_of, amount);
                }
            }
            uint64_t sum = 0;
            for (const auto& [other, amount_of] : has) {
                ASSERT_LE(amount_of, each);
                ASSERT_EQ(shares.used_by(other), amount_of);
                sum += amount_of;
            }
            ASSERT_EQ(shares.used(), sum);
            ASSERT_LE(sum, all);
        }
    }
}

}  // namespace
}  // namespace ie
