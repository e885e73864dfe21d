#include "actors/rate_limiter/quota_ledger.hpp"

#include <gtest/gtest.h>

#include "actors/object_keys.hpp"

namespace ie {
namespace {

constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t start_ms = 1'795'333'986'123;

reserve_quota mail_of(const std::string& account, const std::string& domain,
                      const std::string& local_part, const std::string& script = {}) {
    reserve_quota mail;
    mail.owner = {account_name(account), domain, local_part + "@" + domain, script};
    return mail;
}

class QuotaLedger : public ::testing::Test {
  protected:
    void limit(sender_kind kind, uint32_t value) { limits_[static_cast<size_t>(kind)] = value; }

    quota_verdict reserve(const reserve_quota& mail, int64_t now_ms) {
        limit_rules rules;
        rules.mode = mode_;
        rules.limited = limited_;
        rules.limit_of = [this](size_t window, sender_kind kind, const object_key&) {
            return window == 0 ? limits_[static_cast<size_t>(kind)] : 0;
        };
        rules.has_own_limit = [this](const object_key& key) { return key == own_; };
        return ledger_.reserve(mail, rules, now_ms);
    }
    bool passes(const reserve_quota& mail, int64_t now_ms) {
        return reserve(mail, now_ms).hits.empty();
    }
    uint64_t used(const object_key& key, int64_t now_ms = start_ms) {
        return ledger_.usage(key, now_ms).messages;
    }

    quota_ledger ledger_{{{hour_ms, 1'000}}, {3, 4, 2}};
    std::array<uint32_t, sender_kinds> limits_{};
    limit_mode mode_ = limit_mode::messages;
    bool limited_ = true;
    object_key own_;
};

const reserve_quota alices = mail_of("alice", "alice.test", "info");

TEST_F(QuotaLedger, LetsExactlyTheLimitThroughAndTheNextAfterAnHour) {
    limit(sender_kind::account, 3);
    for (int64_t i = 0; i < 3; ++i) EXPECT_TRUE(passes(alices, start_ms + i * 60'000));
    EXPECT_FALSE(passes(alices, start_ms + hour_ms - 1));
    EXPECT_TRUE(passes(alices, start_ms + hour_ms));
    EXPECT_FALSE(passes(alices, start_ms + hour_ms + 59'999));
    EXPECT_TRUE(passes(alices, start_ms + hour_ms + 60'000));
}

TEST_F(QuotaLedger, SaysWhichObjectWhatLimitAndWhatCount) {
    limit(sender_kind::domain, 2);
    limit(sender_kind::sender_email, 1);
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_TRUE(passes(mail_of("alice", "alice.test", "shop"), start_ms));
    const auto verdict = reserve(alices, start_ms);
    ASSERT_EQ(verdict.hits.size(), 2U);
    EXPECT_EQ(limit_text(verdict.hits[0]), "domain alice.test: 2 of 2 messages in 60 minutes");
    EXPECT_EQ(limit_text(verdict.hits[1]),
              "sender_email info@alice.test: 1 of 1 messages in 60 minutes");
    EXPECT_EQ(verdict.reservation, quota_reservation{});
}

TEST_F(QuotaLedger, CountsNothingOfAMailThatHasNoRoomInOneOfItsObjects) {
    limit(sender_kind::sender_email, 1);
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_FALSE(passes(alices, start_ms));
    EXPECT_EQ(used(account_key("alice")), 1U);
    EXPECT_EQ(used(domain_key("alice", "alice.test")), 1U);
}

TEST_F(QuotaLedger, HoldsAMailToMoreRecipientsThanThereIsRoomForAsAWhole) {
    mode_ = limit_mode::recipients;
    limit(sender_kind::account, 3);
    reserve_quota mail = alices;
    mail.recipients = 5;
    EXPECT_FALSE(passes(mail, start_ms));
    mail.recipients = 2;
    EXPECT_TRUE(passes(mail, start_ms));
    EXPECT_FALSE(passes(mail, start_ms));
    mail.recipients = 1;
    EXPECT_TRUE(passes(mail, start_ms));
    EXPECT_FALSE(passes(mail, start_ms));
}

TEST_F(QuotaLedger, KnowsBothCountsWhenTheModeChanges) {
    reserve_quota mail = alices;
    mail.recipients = 5;
    EXPECT_TRUE(passes(mail, start_ms));
    limit(sender_kind::account, 4);
    EXPECT_TRUE(passes(mail, start_ms));
    mode_ = limit_mode::recipients;
    EXPECT_EQ(reserve(mail, start_ms).hits.at(0).count, 10U);
}

TEST_F(QuotaLedger, GivesTheCountOfAHeldMailBackToEachObject) {
    limit(sender_kind::account, 1);
    const auto reservation = reserve(alices, start_ms).reservation;
    EXPECT_FALSE(passes(alices, start_ms + 2'000));
    ledger_.give_back(reservation, start_ms + 2'000);
    EXPECT_EQ(used(domain_key("alice", "alice.test"), start_ms + 2'000), 0U);
    EXPECT_TRUE(passes(alices, start_ms + 2'000));
}

TEST_F(QuotaLedger, NeverLimitsABounceButCountsItForItsAccount) {
    limit(sender_kind::account, 1);
    limit(sender_kind::domain, 1);
    reserve_quota bounce;
    bounce.owner.account = account_name("alice");
    bounce.is_bounce = true;
    EXPECT_TRUE(passes(bounce, start_ms));
    EXPECT_TRUE(passes(bounce, start_ms));
    EXPECT_EQ(used(account_key("alice")), 2U);
    EXPECT_EQ(used(domain_key("alice", unmanaged)), 0U);
    EXPECT_FALSE(passes(alices, start_ms));
}

TEST_F(QuotaLedger, AWhitelistedMailTakesNothingFromAnyLimit) {
    limit(sender_kind::account, 1);
    reserve_quota mail = alices;
    mail.whitelisted = true;
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes(mail, start_ms));
    EXPECT_EQ(used(account_key("alice")), 0U);
}

TEST_F(QuotaLedger, CountsWithoutLimitsWhereTheSwitchIsOff) {
    limit(sender_kind::account, 1);
    limited_ = false;
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_TRUE(passes(alices, start_ms));
    limited_ = true;
    EXPECT_EQ(reserve(alices, start_ms).hits.at(0).count, 2U);
}

TEST_F(QuotaLedger, TheSameNameUnderTwoAccountsIsTwoObjects) {
    limit(sender_kind::domain, 1);
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_TRUE(passes(mail_of("bob", "alice.test", "info"), start_ms));
    EXPECT_FALSE(passes(alices, start_ms));
}

TEST_F(QuotaLedger, CountsAddressesBeyondTheBoundTogether) {
    limit(sender_kind::sender_email, 2);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(reserve(mail_of("alice", "alice.test", std::to_string(i)), start_ms)
                      .owner.sender_address,
                  std::to_string(i) + "@alice.test");
    }
    for (int i = 4; i < 6; ++i) {
        const auto verdict = reserve(mail_of("alice", "alice.test", std::to_string(i)), start_ms);
        EXPECT_EQ(verdict.owner.sender_address, "other");
        EXPECT_EQ(verdict.owner.domain, "alice.test");
        EXPECT_TRUE(verdict.hits.empty());
    }
    EXPECT_EQ(reserve(mail_of("alice", "alice.test", "9"), start_ms).hits.at(0).name, "other");
    EXPECT_EQ(reserve(mail_of("alice", "alice.test", "3"), start_ms).owner.sender_address,
              "3@alice.test");
    EXPECT_EQ(reserve(mail_of("bob", "bob.test", "1"), start_ms).owner.sender_address,
              "1@bob.test");
}

TEST_F(QuotaLedger, CountsDomainsAndScriptsBeyondTheBoundTogether) {
    for (int i = 0; i < 5; ++i) {
        const std::string number = std::to_string(i);
        const auto owner =
            reserve(mail_of("alice", "d" + number + ".test", "x", "s" + number), start_ms).owner;
        EXPECT_EQ(owner.domain, i < 3 ? "d" + number + ".test" : "other");
        EXPECT_EQ(owner.sender_address, i < 3 ? "x@d" + number + ".test" : "other");
        EXPECT_EQ(owner.script, i < 2 ? "s" + number : "other");
    }
}

TEST_F(QuotaLedger, AnObjectWithALimitOfItsOwnAlwaysHasAName) {
    for (int i = 0; i < 4; ++i)
        reserve(mail_of("alice", "alice.test", std::to_string(i)), start_ms);
    own_ = sender_key("alice", "alice.test", "boss@alice.test");
    EXPECT_EQ(reserve(mail_of("alice", "alice.test", "boss"), start_ms).owner.sender_address,
              "boss@alice.test");
}

TEST_F(QuotaLedger, AHundredThousandAddressesTakeNoMoreThanTheBound) {
    quota_ledger ledger({{hour_ms, 1'000}}, {1'000, 1'000, 1'000});
    limit_rules rules;
    rules.limit_of = [](size_t, sender_kind, const object_key&) { return 0U; };
    for (int i = 0; i < 100'000; ++i) {
        ledger.reserve(mail_of("alice", "alice.test", std::to_string(i)), rules, start_ms + i / 2);
    }
    EXPECT_EQ(ledger.size(), 1'000U + 3);  // the account, the domain, and `other`
}

TEST_F(QuotaLedger, ANameIsFreeAgainADayAfterItsLastMail) {
    for (int i = 0; i < 4; ++i)
        reserve(mail_of("alice", "alice.test", std::to_string(i)), start_ms);
    const int64_t later_ms = start_ms + quota_ledger::name_kept_ms + 2'000;
    for (int64_t at = start_ms; at < later_ms; at += hour_ms) {
        reserve(mail_of("alice", "alice.test", "0"), at);
        ledger_.sweep(at, 100);
    }
    ledger_.sweep(later_ms, 100);
    EXPECT_EQ(reserve(mail_of("alice", "alice.test", "new"), later_ms).owner.sender_address,
              "new@alice.test");
    EXPECT_EQ(ledger_.size(), 4U);
}

TEST_F(QuotaLedger, ForgetsEverythingAfterALongSilence) {
    limit(sender_kind::account, 1);
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_TRUE(passes(alices, start_ms + 200LL * 24 * hour_ms));
    EXPECT_FALSE(passes(alices, start_ms + 200LL * 24 * hour_ms));
}

TEST_F(QuotaLedger, ForgetsOneObjectsCountOnRequest) {
    limit(sender_kind::account, 2);
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_EQ(ledger_.forget(account_key("alice"), start_ms).messages, 2U);
    EXPECT_TRUE(passes(alices, start_ms));
    EXPECT_EQ(used(domain_key("alice", "alice.test")), 3U);
}

TEST_F(QuotaLedger, AnotherWindowIsAnotherLineOfData) {
    quota_ledger ledger({{hour_ms, 1'000}, {24 * hour_ms, 60'000}}, {});
    limit_rules rules;
    rules.limit_of = [](size_t window, sender_kind kind, const object_key&) {
        if (kind != sender_kind::account) return 0U;
        return window == 0 ? 2U : 5U;
    };
    int passed = 0;
    for (int64_t i = 0; i < 24; ++i) {
        for (int each = 0; each < 3; ++each) {
            passed += ledger.reserve(alices, rules, start_ms + i * hour_ms).hits.empty() ? 1 : 0;
        }
    }
    EXPECT_EQ(passed, 5);
    const auto verdict = ledger.reserve(alices, rules, start_ms + 23 * hour_ms);
    EXPECT_EQ(limit_text(verdict.hits.at(0)), "account alice: 5 of 5 messages in 1440 minutes");
    EXPECT_TRUE(ledger.reserve(alices, rules, start_ms + 25 * hour_ms).hits.empty());
}

TEST(ObjectKeys, FollowFromKindAndNamesAlone) {
    EXPECT_EQ(to_id(account_key("alice")), to_id(account_key("alice")));
    EXPECT_TRUE(is_uuid(to_id(account_key("alice")).value));
    EXPECT_EQ(to_id(account_key("alice")).value[14], '8');
    EXPECT_NE(domain_key("alice", "x"), script_key("alice", "x"));
    EXPECT_NE(domain_key("ab", "c"), domain_key("a", "bc"));
    EXPECT_EQ(to_key(to_id(script_key("a", "b")).value), script_key("a", "b"));
    EXPECT_TRUE(to_key("no id").none());
}

// Keys are kept in databases and by administrators: they must never come out otherwise.
TEST(ObjectKeys, StayWhatTheyAre) {
    EXPECT_EQ(to_id(account_key("alice")).value, "6cebb263-6f43-8cae-b010-80eabe769e66");
    EXPECT_EQ(to_id(sender_key("alice", "alice.test", "info@alice.test")).value,
              "7491c0ba-5d1a-87ec-a961-e663761a4811");
}

}  // namespace
}  // namespace ie
