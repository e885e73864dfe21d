#include <gmock/gmock.h>

#include "tests/actor/intake_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Mail from outside to alice, of whose addresses vip@ is whitelisted, and to bob, who has opted
// out.
class IntakeIncoming : public intake_fixture {
  protected:
    IntakeIncoming() {
        directory.set(*account_directory::parse("alice.test: alice\nbob.test: bob\n"));
        filter(true);
        to_find = scan_result{{hold_reason::spam}, 15, judge::rspamd};
    }
    void filter(bool on) {
        mail_policy now;
        now.incoming_on = on;
        now.incoming_opt_outs = {"bob"};
        now.recipients = {"vip@alice.test"};
        now.default_limits[0] = 1;
        now.reasons_on.set(hold_reason::spam, false);  // that is outgoing mail's
        policy.set(now);
    }
    static judge_mail mail_to(std::vector<std::string> recipients) {
        judge_mail mail;
        mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
        mail.client_address = "192.0.2.7";
        mail.sender = "stranger@far.test";
        mail.recipients = std::move(recipients);
        mail.direction = mail_direction::incoming;
        return mail;
    }
    mail_verdict verdict_of(const judge_mail& mail) {
        const auto answer = judge(mail);
        EXPECT_TRUE(*answer && **answer);
        return *answer && **answer ? ***answer : mail_verdict{};
    }
    std::vector<incoming_judged> told() {
        advance(reminder_interval);
        return incoming_reports.empty() ? std::vector<incoming_judged>{} : incoming_reports.back();
    }
};

TEST_F(IntakeIncoming, SpamGoesToJunkAndIsToldForWhomItIsNot) {
    const auto verdict = verdict_of(mail_to({"a@alice.test", "vip@alice.test", "b@bob.test"}));
    EXPECT_EQ(verdict.action, verdict_action::junk);
    EXPECT_TRUE(verdict.is_judged);
    EXPECT_DOUBLE_EQ(verdict.ticket.score, 15);
    EXPECT_THAT(verdict.whitelisted, ElementsAre("vip@alice.test"));
    EXPECT_THAT(verdict.unfiltered, ElementsAre("b@bob.test"));
    ASSERT_EQ(scans.size(), 1U);
    EXPECT_TRUE(scans[0].look_for.has(hold_reason::spam));
    EXPECT_FALSE(scans[0].look_for.has(hold_reason::winexec));
}

TEST_F(IntakeIncoming, StatisticsAreToldOnceForEachAccountThatIsFiltered) {
    verdict_of(mail_to({"a@alice.test", "a2@alice.test", "b@bob.test"}));
    const auto news = told();
    ASSERT_EQ(news.size(), 1U);
    EXPECT_EQ(news[0].at_ms, time_.now_ms() - reminder_interval.count());
    EXPECT_THAT(news[0].accounts, ElementsAre(incoming_account{account_name{"alice"}, true}));
    EXPECT_TRUE(news[0].is_spam);
    EXPECT_THAT(reports.back(), IsEmpty());
}

TEST_F(IntakeIncoming, StatisticsArentToldOfWhoHasOptedOut) {
    verdict_of(mail_to({"b@bob.test"}));
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(IntakeIncoming, WhileItIsOffMailPassesUnscannedAndUncounted) {
    filter(false);
    const auto verdict = verdict_of(mail_to({"a@alice.test"}));
    EXPECT_EQ(verdict.action, verdict_action::accept);
    EXPECT_FALSE(verdict.is_judged);
    EXPECT_THAT(scans, IsEmpty());
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(IntakeIncoming, MailToWhitelistedAddressesOnlyIsntScanned) {
    const auto verdict = verdict_of(mail_to({"vip@alice.test"}));
    EXPECT_EQ(verdict.action, verdict_action::accept);
    EXPECT_FALSE(verdict.is_judged);
    EXPECT_THAT(scans, IsEmpty());
    EXPECT_EQ(told().size(), 1U);
}

TEST_F(IntakeIncoming, TakesNobodysLimit) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(verdict_of(mail_to({"a@alice.test"})).action, verdict_action::junk);
    }
    to_find = scan_result{};
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
}

TEST_F(IntakeIncoming, HasNoVerdictWhereTheScannerFailsOrIsLate) {
    to_find.reset();
    const auto late = judge(mail_to({"a@alice.test"}), 500);
    EXPECT_FALSE(*late);
    for (int i = 0; i < 6; ++i) pass(reminder_interval);
    ASSERT_TRUE(*late && !**late);
    EXPECT_EQ((*late)->failure().code, error_code::deadline_exceeded);
    to_fail = fail(error_code::unavailable, "no scanner");
    const auto failed = judge(mail_to({"a@alice.test"}));
    ASSERT_TRUE(*failed && !**failed);
    EXPECT_EQ((*failed)->failure().code, error_code::unavailable);
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(IntakeIncoming, LooksForSomeRecipientsAmongTheSystemsUsersOnly) {
    std::vector<std::string> many;
    for (int i = 0; i < 3'000; ++i) many.push_back("nobody" + std::to_string(i) + "@host.test");
    many.push_back("a@alice.test");  // the map is asked for each
    verdict_of(mail_to(many));
    const auto news = told();
    ASSERT_EQ(news.size(), 1U);
    EXPECT_THAT(news[0].accounts, ElementsAre(incoming_account{account_name{"alice"}, true},
                                              incoming_account{account_name{"root"}, true}));
}

}  // namespace
}  // namespace ie
