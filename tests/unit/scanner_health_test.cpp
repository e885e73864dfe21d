#include <gtest/gtest.h>

#include "actors/scanner/checker_health.hpp"

namespace ie {
namespace {

constexpr int64_t retry_ms = 5'000;

circuit_breaker opened_at(int64_t now_ms) {
    circuit_breaker breaker(retry_ms);
    for (uint32_t i = 0; i < circuit_breaker::failures_max; ++i) breaker.failed(now_ms);
    return breaker;
}

TEST(CircuitBreaker, OpensAfterFailuresInARowOnly) {
    circuit_breaker breaker(retry_ms);
    for (uint32_t i = 0; i < 10; ++i) {
        breaker.failed(0);
        breaker.failed(0);
        breaker.succeeded();
    }
    EXPECT_TRUE(breaker.allows(0));
    breaker.failed(0);
    breaker.failed(0);
    breaker.failed(0);
    EXPECT_TRUE(breaker.is_open());
    EXPECT_FALSE(breaker.allows(0));
}

TEST(CircuitBreaker, LetsOneProbeThroughAfterAWhile) {
    auto breaker = opened_at(100);
    EXPECT_FALSE(breaker.allows(100 + retry_ms - 1));
    EXPECT_TRUE(breaker.allows(100 + retry_ms));
    EXPECT_FALSE(breaker.allows(100 + retry_ms));
}

TEST(CircuitBreaker, ClosesWhenTheProbeSucceeds) {
    auto breaker = opened_at(0);
    EXPECT_TRUE(breaker.allows(retry_ms));
    breaker.succeeded();
    EXPECT_TRUE(breaker.allows(retry_ms));
    EXPECT_TRUE(breaker.allows(retry_ms));
}

TEST(CircuitBreaker, WaitsAgainWhenTheProbeFails) {
    auto breaker = opened_at(0);
    EXPECT_TRUE(breaker.allows(retry_ms));
    breaker.failed(retry_ms + 1'000);
    EXPECT_FALSE(breaker.allows(2 * retry_ms + 999));
    EXPECT_TRUE(breaker.allows(2 * retry_ms + 1'000));
}

TEST(CircuitBreaker, LetsAnotherProbeThroughWhenOneToldNothing) {
    auto breaker = opened_at(0);
    EXPECT_TRUE(breaker.allows(retry_ms));
    breaker.told_nothing();
    EXPECT_TRUE(breaker.allows(retry_ms));
    EXPECT_FALSE(breaker.allows(retry_ms));
}

TEST(CircuitBreaker, LetsAnotherProbeThroughWhenOneNeverComesBack) {
    auto breaker = opened_at(0);
    EXPECT_TRUE(breaker.allows(retry_ms));
    EXPECT_TRUE(breaker.allows(2 * retry_ms));
}

TEST(CircuitBreaker, IsNotHeldOpenByLateFailures) {
    auto breaker = opened_at(0);
    breaker.failed(retry_ms - 1);
    EXPECT_TRUE(breaker.allows(retry_ms));
}

check_result failed_with(check_fault fault) {
    return {{}, fault, "what"};
}
check_result good() {
    return {{"no action", 0, 15, false}, check_fault::none, {}};
}

TEST(CheckerHealth, SaysOnceThatItIsLostAndOnceThatItIsBack) {
    checker_health health(retry_ms);
    using change = checker_health::change;
    EXPECT_EQ(health.learn(good(), 0, 0), change::none);
    EXPECT_EQ(health.learn(failed_with(check_fault::slow), 0, 0), change::lost);
    EXPECT_EQ(health.learn(failed_with(check_fault::absent), 0, 0), change::none);
    EXPECT_EQ(health.learn(good(), 0, 0), change::back);
    EXPECT_EQ(health.learn(good(), 0, 0), change::none);
}

TEST(CheckerHealth, TellsWhatIsWrongAndSinceWhen) {
    checker_health health(retry_ms);
    constexpr int64_t now_ms = 1'795'333'986'123;
    health.learn(failed_with(check_fault::garbage), 0, now_ms);
    health.learn(failed_with(check_fault::absent), 0, now_ms + 60'000);
    EXPECT_EQ(health.detail(), "Rspamd is absent since 2026-11-22T07:53:06Z: judged by own rules");
    EXPECT_EQ(health.last_error(), "absent: what");
}

TEST(CheckerHealth, TakesNoOffenceAtOneMailOrAtHaste) {
    checker_health health(retry_ms);
    for (int i = 0; i < 10; ++i) {
        health.learn(failed_with(check_fault::refused), 0, 0);
        health.learn(failed_with(check_fault::hurried), 0, 0);
    }
    EXPECT_FALSE(health.is_lost());
    EXPECT_TRUE(health.may_ask(0));
    EXPECT_EQ(health.last_error(), "hurried: what");
}

}  // namespace
}  // namespace ie
