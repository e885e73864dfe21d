#include "gateway/zmq/credit.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

TEST(Credit, GivesNoMoreThanItsLimit) {
    const auto pool = std::make_shared<credit_pool>(10);
    const auto first = pool->take(6);
    EXPECT_TRUE(first);
    EXPECT_FALSE(pool->take(5));
    EXPECT_TRUE(pool->take(4));
}

TEST(Credit, ComesBackWithItsHold) {
    const auto pool = std::make_shared<credit_pool>(10);
    { const auto hold = pool->take(10); }
    EXPECT_EQ(pool->used(), 0U);
}

TEST(Credit, MovesWithItsHold) {
    const auto pool = std::make_shared<credit_pool>(10);
    credit_hold outer;
    {
        auto inner = pool->take(7);
        outer = std::move(*inner);
    }
    EXPECT_EQ(pool->used(), 7U);
    outer = {};
    EXPECT_EQ(pool->used(), 0U);
}

TEST(Credit, AnAmountBeyondTheLimitGetsItsTurnAlone) {
    const auto pool = std::make_shared<credit_pool>(10);
    auto one = pool->take(1);
    EXPECT_FALSE(pool->take(11));
    one.reset();
    const auto all = pool->take(11);
    EXPECT_TRUE(all);
    EXPECT_FALSE(pool->take(1));
}

TEST(Credit, ComesBackAfterThePoolsOwnerIsGone) {
    auto pool = std::make_shared<credit_pool>(10);
    auto hold = pool->take(10);
    const std::weak_ptr<credit_pool> watched = pool;
    pool.reset();
    EXPECT_FALSE(watched.expired());
    hold.reset();
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace ie
