#include <gmock/gmock.h>

#include "tests/actor/intake_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using IntakeActor = intake_fixture;

TEST_F(IntakeActor, AcceptsWhatNothingSpeaksAgainst) {
    to_find = scan_result{{}, 1.5, judge::rspamd};
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && **answer);
    const mail_verdict& verdict = ***answer;
    EXPECT_EQ(verdict.action, verdict_action::accept);
    EXPECT_EQ(verdict.ticket.owner.account.value, "alice");
    EXPECT_DOUBLE_EQ(verdict.ticket.score, 1.5);
    EXPECT_EQ(verdict.ticket.received_at_ms, time_.now_ms());
    EXPECT_TRUE(is_uuid(verdict.ticket.id.value));
}

TEST_F(IntakeActor, HoldsSpamInTheConfiguredScope) {
    to_find = scan_result{{hold_reason::spam}, 15, judge::own_rules};
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ((**answer)->action, verdict_action::hold);
    EXPECT_EQ((**answer)->scope, hold_scope::remote);
    EXPECT_THAT((**answer)->ticket.reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ((**answer)->ticket.judged_by, judge::own_rules);
}

TEST_F(IntakeActor, CountsEachVerdictOnce) {
    to_find = scan_result{{hold_reason::spam}, 15, judge::rspamd};
    const auto answer = judge(mail_of_alice());
    judge(mail_of_alice());
    EXPECT_THAT(reports, IsEmpty());
    advance(reminder_interval);
    ASSERT_EQ(reports.size(), 1U);
    ASSERT_EQ(reports[0].size(), 2U);
    const mail_judged& first = reports[0][0];
    EXPECT_EQ(first.action, verdict_action::hold);
    EXPECT_EQ(first.recipient_count, 2U);
    EXPECT_EQ(first.size_bytes, bytes.size());
    EXPECT_EQ(first.ticket, (**answer)->ticket);

    judge(mail_of_alice());
    advance(reminder_interval);
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[1].size(), 1U);
}

TEST_F(IntakeActor, ReportsAtOnceWhereItIsAsked) {
    to_find = scan_result{};
    judge(mail_of_alice());
    EXPECT_THAT(reports, IsEmpty());
    EXPECT_TRUE(**ask<bool>(intake, report_atom_v));
    EXPECT_EQ(reports.size(), 1U);
    EXPECT_TRUE(**ask<bool>(intake, report_atom_v));
    EXPECT_EQ(reports.size(), 1U);
}

TEST_F(IntakeActor, ReportsAThousandVerdictsAtOnceAndTheRestAtItsEnd) {
    to_find = scan_result{};
    for (int i = 0; i < 1'003; ++i) judge(mail_of_alice());
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].size(), 1'000U);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(intake), caf::exit_reason::user_shutdown);
    run();
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[1].size(), 3U);
}

TEST_F(IntakeActor, GivesTheScannerTheMailUncopiedAndNoMoreTimeThanItsOwn) {
    judge(mail_of_alice(), 60'000);
    judge(mail_of_alice(), 500);
    ASSERT_EQ(scans.size(), 2U);
    EXPECT_EQ(scans[0].mail, mail_of_alice());
    EXPECT_EQ(scanned[0].view().data(), bytes.view().data());
    EXPECT_EQ(scans[0].deadline_at_ms, steady_ms + 4'000);
    EXPECT_EQ(scans[1].deadline_at_ms, steady_ms + 500);
}

TEST_F(IntakeActor, JudgesManyMailsAtOnceEachWithAnIdOfItsOwn) {
    std::vector<std::shared_ptr<std::optional<outcome<mail_verdict>>>> answers;
    for (int i = 0; i < 50; ++i) answers.push_back(judge(mail_of_alice()));
    EXPECT_EQ(status().queue, 50U);
    caf::anon_send(caf::actor_cast<caf::actor>(scanner_handle), flush_atom_v);  // the last first
    run();
    std::vector<mail_id> ids;
    for (const auto& answer : answers) {
        ASSERT_TRUE(*answer && **answer);
        ids.push_back((**answer)->ticket.id);
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
    EXPECT_EQ(status().queue, 0U);
    EXPECT_EQ(status().detail, "50 verdicts, 0 without one");
}

TEST_F(IntakeActor, RefusesAMailWhoseTimeIsOverWithoutAnyWork) {
    for (const int64_t left_ms : {int64_t{0}, int64_t{-1}, -steady_ms}) {
        const auto answer = judge(mail_of_alice(), left_ms);
        ASSERT_TRUE(*answer && !**answer);
        EXPECT_EQ((*answer)->failure().code, error_code::deadline_exceeded);
    }
    EXPECT_THAT(scans, IsEmpty());
    advance(reminder_interval);
    EXPECT_THAT(reports, IsEmpty());
}

TEST_F(IntakeActor, AnswersByTheDeadlineThoughTheScannerDoesNot) {
    const auto answer = judge(mail_of_alice(), 500);
    EXPECT_FALSE(*answer);
    pass(std::chrono::milliseconds(499));
    EXPECT_FALSE(*answer);
    pass(reminder_interval);
    ASSERT_TRUE(*answer && !**answer);
    EXPECT_EQ((*answer)->failure().code, error_code::deadline_exceeded);
    advance(reminder_interval);
    EXPECT_THAT(reports, IsEmpty());
    EXPECT_EQ(status().queue, 0U);
    EXPECT_EQ(status().last_error, "deadline_exceeded: 1nFEym-0005TO-Qs: no answer in time");
    caf::anon_send(caf::actor_cast<caf::actor>(scanner_handle), flush_atom_v);  // now it does
    run();
    EXPECT_EQ(status().detail, "0 verdicts, 1 without one");
}

TEST_F(IntakeActor, PassesOnTheScannersRefusal) {
    to_fail = fail(error_code::deadline_exceeded, "no time left to scan");
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && !**answer);
    EXPECT_EQ((*answer)->failure().code, error_code::deadline_exceeded);
}

TEST_F(IntakeActor, SaysUnavailableAtOnceWhereTheScannerIsGone) {
    caf::anon_send_exit(scanner_handle, caf::exit_reason::user_shutdown);
    run();
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && !**answer);
    EXPECT_EQ((*answer)->failure().code, error_code::unavailable);
}

mail_policy account_limit(uint32_t limit) {
    mail_policy policy;
    policy.default_limits[0] = limit;
    return policy;
}

TEST_F(IntakeActor, HoldsWhatIsOverALimitAndSaysWhichOne) {
    policy.set(account_limit(1));
    to_find = scan_result{};
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
    const mail_verdict verdict = ***judge(mail_of_alice());
    EXPECT_EQ(verdict.action, verdict_action::hold);
    EXPECT_THAT(verdict.ticket.reasons, ElementsAre(hold_reason::ratelimit));
    ASSERT_EQ(verdict.ticket.limits.size(), 1U);
    EXPECT_EQ(limit_text(verdict.ticket.limits[0]), "account alice: 1 of 1 messages in 60 minutes");
    advance(std::chrono::minutes(60));
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
}

TEST_F(IntakeActor, ScansWhatIsOverALimitAsWell) {
    policy.set(account_limit(1));
    to_find = scan_result{};
    judge(mail_of_alice());
    to_find = scan_result{{hold_reason::spam}, 15, judge::rspamd};
    EXPECT_THAT((**judge(mail_of_alice()))->ticket.reasons,
                ElementsAre(hold_reason::ratelimit, hold_reason::spam));
}

TEST_F(IntakeActor, ASpamThatIsHeldUsesUpNoLimit) {
    policy.set(account_limit(1));
    to_find = scan_result{{hold_reason::spam}, 15, judge::rspamd};
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT((**judge(mail_of_alice()))->ticket.reasons, ElementsAre(hold_reason::spam));
    }
    to_find = scan_result{};
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::hold);
}

TEST_F(IntakeActor, HoldsWhatIsOverALimitThoughItsScanFails) {
    policy.set(account_limit(1));
    to_find = scan_result{};
    judge(mail_of_alice());
    to_find.reset();
    to_fail = fail(error_code::unavailable, "no scanner");
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ((**answer)->action, verdict_action::hold);
}

TEST_F(IntakeActor, HoldsWhatIsOverALimitBeforeItsDeadlineThoughTheScannerDoesNotAnswer) {
    policy.set(account_limit(1));
    to_find = scan_result{};
    judge(mail_of_alice());
    to_find.reset();
    const auto answer = judge(mail_of_alice(), 500);
    EXPECT_FALSE(*answer);
    for (int i = 0; i < 4; ++i) pass(reminder_interval);
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ((**answer)->action, verdict_action::hold);
    EXPECT_LT(steady_ms, 1'000'000 + 500);
}

TEST_F(IntakeActor, AMailThatWasLongInWorkCountsFromItsVerdictOn) {
    policy.set(account_limit(1));
    const auto answer = judge(mail_of_alice());
    pass(std::chrono::milliseconds(3'000));
    caf::anon_send(caf::actor_cast<caf::actor>(scanner_handle), flush_atom_v);
    run();
    ASSERT_TRUE(*answer && **answer);
    to_find = scan_result{};
    advance(std::chrono::minutes(60) - std::chrono::milliseconds(1));
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::hold);
    advance(std::chrono::milliseconds(1));
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
}

TEST_F(IntakeActor, OfManyMailsAtOnceNoMoreThanTheLimitIsAccepted) {
    policy.set(account_limit(7));
    std::vector<std::shared_ptr<std::optional<outcome<mail_verdict>>>> answers;
    for (int i = 0; i < 20; ++i) answers.push_back(judge(mail_of_alice()));
    caf::anon_send(caf::actor_cast<caf::actor>(scanner_handle), flush_atom_v);
    run();
    EXPECT_EQ(std::count_if(
                  answers.begin(), answers.end(),
                  [](const auto& answer) { return (**answer)->action == verdict_action::accept; }),
              7);
}

TEST_F(IntakeActor, ADryRunHoldsNothingButIsCounted) {
    mail_policy dry = account_limit(1);
    dry.dry_run = true;
    policy.set(dry);
    to_find = scan_result{};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
    }
    advance(reminder_interval);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_FALSE(reports[0][0].would_limit);
    EXPECT_TRUE(reports[0][1].would_limit);
    EXPECT_TRUE(reports[0][2].would_limit);
}

TEST_F(IntakeActor, AWhitelistedSenderIsNeitherScannedNorLimitedButCounted) {
    mail_policy listed = account_limit(1);
    listed.senders = {{"alice.test", false}};
    policy.set(listed);
    to_find = scan_result{{hold_reason::spam}, 15, judge::rspamd};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
    }
    EXPECT_THAT(scans, IsEmpty());
    advance(reminder_interval);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].size(), 3U);
}

TEST_F(IntakeActor, SaysThatTheHeadersMayTellTheScoreWhereThatIsWantedAndThereIsOne) {
    to_find = scan_result{{}, 1.5, judge::rspamd};
    EXPECT_FALSE((**judge(mail_of_alice()))->is_judged);
    mail_policy telling;
    telling.notify_header = true;
    policy.set(telling);
    EXPECT_TRUE((**judge(mail_of_alice()))->is_judged);
    mail_policy listed = telling;
    listed.senders = {{"alice.test", false}};
    policy.set(listed);
    EXPECT_FALSE((**judge(mail_of_alice()))->is_judged);
    telling.reasons_on.set(hold_reason::spam, false);
    policy.set(telling);
    EXPECT_FALSE((**judge(mail_of_alice()))->is_judged);
}

TEST_F(IntakeActor, AForgedSenderOfAWhitelistedDomainGainsNothing) {
    directory.set(*account_directory::parse("alice.test: alice\nbob.test: bob\n"));
    mail_policy listed;
    listed.senders = {{"bob.test", false}};
    policy.set(listed);
    to_find = scan_result{{hold_reason::spam}, 15, judge::rspamd};
    judge_mail forged = mail_of_alice();
    forged.sender = "boss@bob.test";
    EXPECT_EQ((**judge(forged))->action, verdict_action::hold);
}

TEST_F(IntakeActor, AsksForNoScanWhereNothingIsFiltered) {
    mail_policy off;
    off.reasons_on.set(hold_reason::spam, false);
    off.reasons_on.set(hold_reason::winexec, false);
    policy.set(off);
    EXPECT_EQ((**judge(mail_of_alice()))->action, verdict_action::accept);
    EXPECT_THAT(scans, IsEmpty());
}

TEST_F(IntakeActor, AsksTheScannerForWhatIsSwitchedOnOnly) {
    mail_policy policy_now;
    policy_now.reasons_on.set(hold_reason::spam, false);
    policy.set(policy_now);
    to_find = scan_result{{hold_reason::winexec}, 0, judge::rspamd, {"a.exe: program by name"}};
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && **answer);
    ASSERT_EQ(scans.size(), 1U);
    EXPECT_FALSE(scans[0].look_for.has(hold_reason::spam));
    EXPECT_TRUE(scans[0].look_for.has(hold_reason::winexec));
    EXPECT_EQ(scans[0].account.value, "alice");
    EXPECT_EQ((**answer)->action, verdict_action::hold);
    EXPECT_THAT((**answer)->ticket.attachment_findings, ElementsAre("a.exe: program by name"));
}

TEST_F(IntakeActor, TellsTheScannerTheThresholdThatIsInForce) {
    mail_policy strict;
    strict.spam_threshold = 2.5;
    policy.set(strict);
    judge(mail_of_alice());
    ASSERT_EQ(scans.size(), 1U);
    EXPECT_DOUBLE_EQ(scans[0].spam_threshold, 2.5);
}

TEST_F(IntakeActor, SaysUnavailableAtOnceWhereTheLimiterIsGone) {
    caf::anon_send_exit(limiter, caf::exit_reason::user_shutdown);
    run();
    const auto answer = judge(mail_of_alice());
    ASSERT_TRUE(*answer && !**answer);
    EXPECT_EQ((*answer)->failure().code, error_code::unavailable);
}

TEST_F(IntakeActor, SeesANewDirectoryWithTheNextMail) {
    to_find = scan_result{};
    EXPECT_EQ((**judge(mail_of_alice()))->ticket.owner.account.value, "alice");
    directory.set(*account_directory::parse("alice.test: bob\n"));
    EXPECT_EQ((**judge(mail_of_alice()))->ticket.owner.account.value, "bob");
}

// A limiter whose answer to a renewal is the test's to give.
class IntakeRenewal : public intake_fixture {
  protected:
    IntakeRenewal() {
        slow = own(slow_limiter_actor{system_->spawn(slow_limiter, this)});
        options.rate_limiter = slow;
        intake = own(make_intake(*system_, options));
    }

    // A promise is kept by the actor that made it: all of them when it is told to.
    using slow_limiter_actor = rate_limiter_actor::extend<reacts_to<flush_atom>>;

    static slow_limiter_actor::behavior_type slow_limiter(slow_limiter_actor::pointer self,
                                                          IntakeRenewal* test) {
        return {[](const reserve_quota& mail) {
                    quota_verdict verdict;
                    verdict.owner = mail.owner;
                    verdict.keys.account = verdict.reservation.keys.account = {1, 2};
                    return verdict;
                },
                [](const give_back_quota&) {},
                [=](const renew_quota&) {
                    test->renewals.push_back(self->make_response_promise<bool>());
                    return test->renewals.back();
                },
                [](const get_usage&) { return usage_list{}; },
                [](const forget_counts&) { return usage_list{}; },
                [](const get_status&) { return actor_status{}; },
                [=](flush_atom) {
                    for (auto& each : test->renewals) each.deliver(true);
                }};
    }
    auto judge_slowly() {
        auto answer = judge(mail_of_alice());
        pass(std::chrono::milliseconds(1'500));
        caf::anon_send(caf::actor_cast<caf::actor>(scanner_handle), flush_atom_v);
        run();
        return answer;
    }

    slow_limiter_actor slow;
    std::vector<caf::typed_response_promise<bool>> renewals;
};

TEST_F(IntakeRenewal, AVerdictThatTookLongIsOutWhenItsCountIsInTheJournal) {
    const auto answer = judge_slowly();
    ASSERT_EQ(renewals.size(), 1U);
    EXPECT_FALSE(*answer);
    caf::anon_send(slow, flush_atom_v);
    run();
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ((**answer)->action, verdict_action::accept);
}

TEST_F(IntakeRenewal, AVerdictWaitsForNoLimiterThatDoesntAnswer) {
    const auto answer = judge_slowly();
    ASSERT_EQ(renewals.size(), 1U);
    pass(std::chrono::milliseconds(1'500));
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ((**answer)->action, verdict_action::accept);
}

}  // namespace
}  // namespace ie
