#include "actors/scanner/scanner_actor.hpp"

#include <gmock/gmock.h>

#include "tests/actor/fake_checker.hpp"
#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const mail_bytes gtube_mail{
    "Subject: x\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"};
const mail_bytes plain_mail{"Subject: hello\r\n\r\nhello\r\n"};

class ScannerActor : public testing::actor_fixture {
  protected:
    static constexpr uint32_t retry_after_ms = 5'000;

    ScannerActor() {
        scanner_options options;
        options.checker = checker;
        options.retry_after_ms = retry_after_ms;
        options.attachments =
            own(make_attachment_desk(*system_, thread_use::shared, attachment_options{}));
        options.clock = &time_;
        options.steady_now_ms = [this] { return steady_ms; };
        scanner = own(make_scanner(*system_, std::move(options)));
    }

    auto scan(const mail_bytes& bytes, judge_mail mail = {}) {
        auto answer =
            begin<scan_result>(scanner, scan_mail{std::move(mail), steady_ms + 1'000}, bytes);
        run();
        return answer;
    }
    actor_status status() { return **ask<actor_status>(scanner, get_status{}); }

    void lose_checker() {
        checker->at_once = failing(check_fault::absent);
        for (uint32_t i = 0; i < circuit_breaker_failures; ++i) scan(plain_mail);
    }

    static constexpr uint32_t circuit_breaker_failures = 3;
    int64_t steady_ms = 1'000'000;
    std::shared_ptr<fake_checker> checker = std::make_shared<fake_checker>();
    scanner_actor scanner;
};

TEST_F(ScannerActor, PassesOnWhatTheCheckerFindsAtOnce) {
    checker->at_once = spam_reply();
    const auto answer = scan(plain_mail);
    ASSERT_TRUE(*answer && **answer);
    EXPECT_THAT((**answer)->reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ((**answer)->judged_by, judge::rspamd);
}

TEST_F(ScannerActor, AnswersEachMailWhenItsOwnCheckIsDone) {
    const auto first = scan(plain_mail);
    const auto second = scan(plain_mail);
    EXPECT_FALSE(*first || *second);
    EXPECT_EQ(status().queue, 2U);
    checker->answer(ham_reply());
    run();
    ASSERT_TRUE(*first && !*second);
    EXPECT_THAT((**first)->reasons, IsEmpty());
    checker->answer(spam_reply());
    run();
    ASSERT_TRUE(*second);
    EXPECT_THAT((**second)->reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ(status().queue, 0U);
}

TEST_F(ScannerActor, TakesManyResultsInOneTurn) {
    std::vector<std::shared_ptr<std::optional<outcome<scan_result>>>> answers;
    for (int i = 0; i < 100; ++i) answers.push_back(scan(plain_mail));
    for (int i = 0; i < 100; ++i) checker->answer(i % 2 == 0 ? ham_reply() : spam_reply());
    run();
    for (size_t i = 0; i < answers.size(); ++i) {
        ASSERT_TRUE(*answers[i] && **answers[i]);
        EXPECT_EQ((**answers[i])->reasons.size(), i % 2);
    }
}

TEST_F(ScannerActor, GivesTheCheckerTheMailAndItsSubmitter) {
    judge_mail local;
    local.sender = "x@alice.test";
    local.authenticated_id = "forged";
    scan(plain_mail, local);
    judge_mail remote = local;
    remote.client_address = "192.0.2.7";
    remote.authenticated_id = "alice@alice.test";
    scan(plain_mail, remote);
    ASSERT_EQ(checker->asked.size(), 2U);
    EXPECT_EQ(checker->asked[0].submitter, "root");
    EXPECT_EQ(checker->asked[1].submitter, "alice@alice.test");
    EXPECT_EQ(checker->asked[1].mail.sender, "x@alice.test");
    EXPECT_EQ(checker->asked[1].bytes.view().data(), plain_mail.view().data());
    EXPECT_EQ(checker->asked[1].deadline_at_ms, steady_ms + 1'000);
}

TEST_F(ScannerActor, JudgesByOwnRulesWhereTheCheckerFails) {
    for (const auto fault : {check_fault::absent, check_fault::slow, check_fault::garbage,
                             check_fault::refused, check_fault::hurried}) {
        const auto answer = scan(gtube_mail);
        if (checker->waiting.empty()) {
            EXPECT_EQ(status().state, actor_state::degraded);  // left alone by now
        } else {
            checker->answer(failing(fault));
            run();
        }
        ASSERT_TRUE(*answer && **answer);
        EXPECT_THAT((**answer)->reasons, ElementsAre(hold_reason::spam));
        EXPECT_EQ((**answer)->judged_by, judge::own_rules);
    }
}

TEST_F(ScannerActor, HoldsGtubeThatRspamdHasOverlooked) {
    checker->at_once = ham_reply();
    const auto answer = scan(gtube_mail);
    ASSERT_TRUE(*answer && **answer);
    EXPECT_THAT((**answer)->reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ((**answer)->judged_by, judge::own_rules);
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(ScannerActor, SaysThatItIsDegradedAndWhy) {
    EXPECT_EQ(status().state, actor_state::running);
    checker->at_once = failing(check_fault::garbage);
    scan(plain_mail);
    EXPECT_EQ(status().state, actor_state::degraded);
    EXPECT_EQ(status().detail,
              "Rspamd is talking garbage since 2026-11-22T07:53:06Z: judged by own rules");
    EXPECT_EQ(status().last_error, "garbage: as told");
    checker->at_once = ham_reply();
    scan(plain_mail);
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(ScannerActor, LeavesALostCheckerAloneAndStillCatchesGtube) {
    lose_checker();
    const size_t asked = checker->asked.size();
    const auto answer = scan(gtube_mail);
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ((**answer)->judged_by, judge::own_rules);
    EXPECT_THAT((**answer)->reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ(checker->asked.size(), asked);
}

TEST_F(ScannerActor, ComesBackToACheckerThatComesBack) {
    lose_checker();
    checker->at_once = ham_reply();
    steady_ms += retry_after_ms;
    EXPECT_EQ((**scan(plain_mail))->judged_by, judge::rspamd);
    EXPECT_EQ((**scan(plain_mail))->judged_by, judge::rspamd);
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(ScannerActor, RefusesAMailWhoseTimeIsOver) {
    checker->at_once = ham_reply();
    const auto answer = ask<scan_result>(scanner, scan_mail{{}, steady_ms}, plain_mail);
    ASSERT_TRUE(answer && !*answer);
    EXPECT_EQ(answer->failure().code, error_code::deadline_exceeded);
    EXPECT_THAT(checker->asked, IsEmpty());
}

TEST_F(ScannerActor, IsNotDisturbedByResultsThatComeAfterItsEnd) {
    scan(plain_mail);
    caf::anon_send_exit(scanner, caf::exit_reason::user_shutdown);
    run();
    checker->answer(spam_reply());
    run();
}

}  // namespace
}  // namespace ie
