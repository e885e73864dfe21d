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
        options.journal_fault = [this](const disk_step& step) {
            return fault ? fault(step.name) : 0;
        };
        limiter = own(make_rate_limiter(*system_, options));
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

    // The errno that every such step fails with from now on.
    void fail(std::string step, int code) {
        fault = [step = std::move(step), code](std::string_view asked) {
            return asked == step ? code : 0;
        };
    }

    std::function<int(std::string_view)> fault;
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

TEST_F(RateLimiterActor, StartsWithoutItsFolderAndSaysSo) {
    EXPECT_TRUE(passes());
    caf::anon_send_exit(limiter, caf::exit_reason::kill);
    run();
    std::filesystem::rename(folder.path("limits"), folder.path("kept"));
    folder.write("limits", "a file where the folder was");
    start();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    EXPECT_FALSE(passes());
    EXPECT_EQ(status().state, actor_state::degraded);
    EXPECT_NE(status().last_error.find(folder.path("limits")), std::string::npos);
    std::filesystem::remove(folder.path("limits"));
    std::filesystem::rename(folder.path("kept"), folder.path("limits"));
    EXPECT_TRUE(passes("bob"));  // is written, and with it what waited
    EXPECT_EQ(status().state, actor_state::degraded);
    EXPECT_NE(status().last_error.find("isn't all counted"), std::string::npos);
    restart();
    EXPECT_EQ(used(), 4U);
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(RateLimiterActor, SaysForAnHourThatItDoesntKnowAll) {
    EXPECT_TRUE(passes());
    fail("scan", EACCES);
    restart();
    EXPECT_EQ(used(), 0U);
    EXPECT_EQ(status().state, actor_state::degraded);
    advance(hour);
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(RateLimiterActor, AJournalThatGivesDiskErrorsIsSetAsideAndSaid) {
    EXPECT_TRUE(passes());
    fail("scan", EIO);
    restart();
    EXPECT_TRUE(passes());
    EXPECT_EQ(used(), 1U);
    EXPECT_EQ(status().state, actor_state::running);
    EXPECT_NE(status().detail.find("is set aside as " + folder.path("limits/")), std::string::npos);
    fault = {};
    restart();
    EXPECT_EQ(used(), 1U);
}

TEST_F(RateLimiterActor, WhatTheDiskRefusesIsKnownAfterAKillOnceItTakesItAgain) {
    EXPECT_TRUE(passes());
    fail("write", EIO);
    EXPECT_TRUE(passes());
    EXPECT_EQ(status().state, actor_state::degraded);
    fault = {};
    advance(std::chrono::seconds(2));
    EXPECT_TRUE(passes());
    EXPECT_EQ(status().state, actor_state::running);
    restart();
    EXPECT_EQ(used(), 3U);
}

TEST_F(RateLimiterActor, AFailedSyncIsSaidUntilAnotherIsDone) {
    fail("fsync", EIO);
    EXPECT_TRUE(passes());
    for (int i = 0; i < 2; ++i) advance(std::chrono::seconds(1));
    EXPECT_EQ(status().state, actor_state::degraded);
    EXPECT_NE(status().last_error.find("power cut"), std::string::npos);
    fault = {};
    EXPECT_TRUE(passes());
    for (int i = 0; i < 2; ++i) advance(std::chrono::seconds(1));
    EXPECT_EQ(status().state, actor_state::running);
    restart();
    EXPECT_EQ(used(), 2U);
}

// The verdict of a mail that was counted long before.
class QuotaRenewal : public RateLimiterActor {
  protected:
    QuotaRenewal() {
        reserve_quota mail;
        mail.owner.account = account_name("alice");
        reservation_ = reserve(mail).reservation;
        advance(std::chrono::seconds(10));
        before_ = testing::text_of_file(segment());
        EXPECT_TRUE(*ask<bool>(limiter, renew_quota{reservation_}));
        after_ = testing::text_of_file(segment());
    }
    std::string segment() const {
        return std::filesystem::directory_iterator(folder.path("limits"))->path().string();
    }
    // As a kill or a power cut leaves it.
    void restart_with(const std::string& journal) {
        caf::anon_send_exit(limiter, caf::exit_reason::kill);
        run();
        std::ofstream(segment(), std::ios::binary) << journal;
        start();
    }

    quota_reservation reservation_;
    std::string before_, after_;
};

TEST_F(QuotaRenewal, CountsFromTheVerdictOn) {
    EXPECT_EQ(used(), 1U);
    restart();
    EXPECT_EQ(used(), 1U);
    advance(hour - std::chrono::seconds(1));
    EXPECT_EQ(used(), 1U);
    advance(std::chrono::seconds(1));
    EXPECT_EQ(used(), 0U);
}

TEST_F(QuotaRenewal, WhereverItIsCutTheSenderGainsNothing) {
    ASSERT_GT(after_.size(), before_.size());
    for (size_t size = before_.size(); size <= after_.size(); ++size) {
        restart_with(after_.substr(0, size));
        EXPECT_GE(used(), 1U) << size;
        EXPECT_LE(used(), 2U) << size;
    }
    EXPECT_EQ(used(), 1U);
}

// Within one boot no calendar can hold anybody up, or let him off.
TEST_F(RateLimiterActor, ACalendarThatWasSetWhileItWasAwayChangesNothing) {
    time_.set_boot(1);
    restart();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(passes());
    for (const int64_t back_ms : {7'200'000, -7'200'000}) {
        time_.set_back_ms(back_ms);
        restart();
        EXPECT_FALSE(passes());
    }
    time_.set_back_ms(3'600'000);
    advance(hour - std::chrono::milliseconds(1));
    restart();
    EXPECT_FALSE(passes());
    advance(std::chrono::milliseconds(1));
    restart();
    EXPECT_TRUE(passes());
}

}  // namespace
}  // namespace ie
