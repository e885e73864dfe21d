#include "actors/rate_limiter/rate_limiter_actor.hpp"

#include "actors/object_keys.hpp"
#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

constexpr std::chrono::minutes hour{60};

class RateLimiterActor : public testing::actor_fixture {
  protected:
    RateLimiterActor() {
        set_limit(3);
        start();
    }

    void start() {
        rate_limiter_options options;
        options.journal_dir = folder.path("limits");
        options.policy = &policy;
        options.clock = &time_;
        options.sync_on = thread_use::shared;
        auto made = make_rate_limiter(*system_, options);
        ASSERT_TRUE(made) << made.failure().what;
        limiter = own(*made);
    }
    // As a kill does: nothing is told to it first.
    void restart() {
        caf::anon_send_exit(limiter, caf::exit_reason::kill);
        run();
        start();
    }
    void set_limit(uint32_t limit) {
        mail_policy next;
        next.default_limits[0] = limit;
        policy.set(next);
    }

    quota_verdict reserve(const reserve_quota& mail) {
        auto answer = ask<quota_verdict>(limiter, mail);
        EXPECT_TRUE(answer && *answer);
        return **answer;
    }
    bool passes(const std::string& account = "alice") {
        reserve_quota mail;
        mail.owner.account = account_name(account);
        return reserve(mail).hits.empty();
    }
    uint64_t used(const std::string& account = "alice") {
        return (**ask<usage_list>(limiter, get_usage{{account_key(account)}})).items.at(0).messages;
    }
    actor_status status() { return **ask<actor_status>(limiter, get_status{}); }

    testing::temporary_folder folder;
    snapshot<mail_policy> policy;
    rate_limiter_actor limiter;
};

TEST_F(RateLimiterActor, LimitsEachAccountForItselfOverASlidingHour) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    EXPECT_FALSE(passes());
    EXPECT_TRUE(passes("bob"));
    advance(hour - std::chrono::milliseconds(1));
    EXPECT_FALSE(passes());
    advance(std::chrono::milliseconds(1));
    EXPECT_TRUE(passes());
}

TEST_F(RateLimiterActor, KnowsItsCountsAfterAKill) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    restart();
    EXPECT_EQ(used(), 3U);
    EXPECT_FALSE(passes());
    advance(hour);
    EXPECT_TRUE(passes());
}

TEST_F(RateLimiterActor, KnowsWhatWasGivenBackAndForgottenAfterAKill) {
    reserve_quota mail;
    mail.owner.account = account_name("alice");
    const auto reservation = reserve(mail).reservation;
    EXPECT_TRUE(passes());
    caf::anon_send(limiter, give_back_quota{reservation});
    EXPECT_EQ(used(), 1U);
    restart();
    EXPECT_EQ(used(), 1U);
    const auto before = **ask<usage_list>(limiter, forget_counts{{account_key("alice")}});
    EXPECT_EQ(before.items.at(0).messages, 1U);
    EXPECT_EQ(used(), 0U);
    restart();
    EXPECT_EQ(used(), 0U);
}

TEST_F(RateLimiterActor, IsNotMovedByACalendarThatIsSetBack) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    time_.set_back_ms(3'600'000);
    EXPECT_FALSE(passes());
    advance(hour);
    EXPECT_TRUE(passes());
    time_.set_back_ms(-7'200'000);  // nor ahead
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(passes());
    EXPECT_FALSE(passes());
}

TEST_F(RateLimiterActor, ACalendarThatWentBackWhileItWasAwayGivesNobodyMore) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    time_.set_back_ms(3'600'000);
    restart();
    EXPECT_FALSE(passes());
    advance(hour);
    EXPECT_TRUE(passes());
}

TEST_F(RateLimiterActor, ACalendarThatIsSetAheadWhileNoMailComesIsNoTimeAway) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    advance(std::chrono::seconds(2));
    time_.set_back_ms(-3'600'000);
    advance(std::chrono::seconds(1));
    restart();
    EXPECT_FALSE(passes());
}

TEST_F(RateLimiterActor, ANewLimitCountsForTheNextMail) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    set_limit(4);
    EXPECT_TRUE(passes());
    EXPECT_FALSE(passes());
    set_limit(0);
    EXPECT_TRUE(passes());
}

TEST_F(RateLimiterActor, AnObjectsOwnLimitOverridesTheDefault) {
    mail_policy next;
    next.default_limits[0] = 3;
    next.own_limits[account_key("alice")] = 1;
    next.own_limits[account_key("bob")] = 0;
    policy.set(next);
    EXPECT_TRUE(passes());
    EXPECT_FALSE(passes());
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes("bob"));
}

TEST_F(RateLimiterActor, GoesOnWithoutADiskAndSaysSo) {
    restart();
    std::filesystem::remove_all(folder.path("limits"));
    folder.write("limits", "a file where the folder was");
    EXPECT_TRUE(passes());
    EXPECT_EQ(status().state, actor_state::degraded);
    EXPECT_NE(status().last_error.find("limits"), std::string::npos);
    std::filesystem::remove(folder.path("limits"));
    std::filesystem::create_directory(folder.path("limits"));
    EXPECT_TRUE(passes());
    EXPECT_EQ(status().state, actor_state::running);
    EXPECT_TRUE(passes());
    EXPECT_FALSE(passes());
}

TEST_F(RateLimiterActor, SaysWhyItCannotStart) {
    std::filesystem::remove_all(folder.path("limits"));
    folder.write("limits", "a file where the folder was");
    rate_limiter_options options;
    options.journal_dir = folder.path("limits");
    options.policy = &policy;
    options.clock = &time_;
    const auto made = make_rate_limiter(*system_, options);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure().code, error_code::storage_failed);
}

}  // namespace
}  // namespace ie
