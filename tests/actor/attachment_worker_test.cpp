#include "actors/scanner/attachment_worker.hpp"

#include <gmock/gmock.h>

#include "actors/scanner/scanner_actor.hpp"
#include "tests/actor/fake_checker.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/made_archive.hpp"
#include "tests/support/mail_with.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using testing::inert_program;
using ::testing::IsEmpty;
using testing::mail_with;
using testing::zip_of;

const mail_bytes program{mail_with("a.zip", zip_of({{"run.exe", "x"}}))};
const mail_bytes plain{"Subject: hello\n\nhello\n"};

class AttachmentWorker : public testing::actor_fixture {
  protected:
    AttachmentWorker() {
        attachment_options options;
        options.steady_now_ms = [this] { return steady_ms; };
        worker = own(make_attachment_worker(*system_, thread_use::shared, std::move(options)));
    }

    attachments_found look(const mail_bytes& bytes, int64_t left_ms = 100) {
        return **ask<attachments_found>(worker, look_into_mail{steady_ms + left_ms}, bytes);
    }

    int64_t steady_ms = 1'000'000;
    attachment_worker worker;
};

TEST_F(AttachmentWorker, FindsProgramsInArchives) {
    const auto found = look(program);
    EXPECT_TRUE(found.is_dangerous);
    EXPECT_THAT(found.findings, ElementsAre("a.zip/run.exe: program by name"));
    EXPECT_FALSE(look(plain).is_dangerous);
}

TEST_F(AttachmentWorker, ReadsNoArchiveOnceItsDeadlineHasPassed) {
    const mail_bytes nested(mail_with("a.zip", zip_of({{"b.jpg", inert_program()}})));
    EXPECT_TRUE(look(nested).is_dangerous);
    const auto found = look(nested, 0);
    EXPECT_FALSE(found.is_dangerous);
    EXPECT_THAT(found.findings, ElementsAre("a.zip: no time left: judged by what was seen"));
    EXPECT_TRUE(look(program, 0).is_dangerous) << "by its name";
    EXPECT_TRUE(look(mail_bytes(mail_with("run.exe", "x")), 0).is_dangerous);
}

// One who looks for as long as the test likes.
class ScannerAndDesk : public testing::actor_fixture {
  protected:
    ScannerAndDesk() {
        scanner_options options;
        options.checker = checker;
        desk = own(attachment_desk{system_->spawn(slow_desk, this)});
        options.attachments = desk;
        options.clock = &time_;
        options.steady_now_ms = [] { return int64_t{1'000'000}; };
        scanner = own(make_scanner(*system_, std::move(options)));
    }

    using slow_desk_actor = attachment_desk::extend<reacts_to<flush_atom>>;

    static slow_desk_actor::behavior_type slow_desk(slow_desk_actor::pointer self,
                                                    ScannerAndDesk* test) {
        return {[=](const look_into_mail& look, const mail_bytes&) {
                    auto promise = self->make_response_promise<attachments_found>();
                    test->asked.push_back(look);
                    test->looking.push_back(promise);
                    return promise;
                },
                [](get_status) { return actor_status{}; },
                [=](flush_atom) {
                    test->looking.at(0).deliver(test->to_find);
                    test->looking.erase(test->looking.begin());
                }};
    }

    auto scan(const mail_bytes& bytes, bool spam_on = true, bool winexec_on = true) {
        reason_set look_for;
        look_for.set(hold_reason::spam, spam_on);
        look_for.set(hold_reason::winexec, winexec_on);
        scan_mail request{{}, 1'004'000, 6.0, look_for, account_name{"alice"}};
        auto answer = begin<scan_result>(scanner, std::move(request), bytes);
        run();
        return answer;
    }
    void finish_look(attachments_found found) {
        to_find = std::move(found);
        caf::anon_send(caf::actor_cast<caf::actor>(desk), flush_atom_v);
        run();
    }

    std::shared_ptr<fake_checker> checker = std::make_shared<fake_checker>();
    std::vector<caf::typed_response_promise<attachments_found>> looking;
    attachments_found to_find;
    std::vector<look_into_mail> asked;
    attachment_desk desk;
    scanner_actor scanner;
};

TEST_F(ScannerAndDesk, ALongLookDelaysNoOtherMail) {
    checker->at_once = spam_reply();
    const auto slow = scan(program);
    const auto other = scan(plain);
    EXPECT_FALSE(*slow);
    ASSERT_TRUE(*other && **other);
    EXPECT_THAT((**other)->reasons, ElementsAre(hold_reason::spam));
    finish_look({true, {"a: b"}});
    ASSERT_TRUE(*slow && **slow);
    EXPECT_THAT((**slow)->reasons, ElementsAre(hold_reason::spam, hold_reason::winexec));
    EXPECT_THAT((**slow)->attachments, ElementsAre("a: b"));
}

TEST_F(ScannerAndDesk, ALookGoesOnWhileRspamdIsAsked) {
    const auto answer = scan(program);
    EXPECT_EQ(checker->asked.size(), 1U);
    EXPECT_EQ(looking.size(), 1U);
    finish_look({true, {}});
    EXPECT_FALSE(*answer);
    checker->answer(ham_reply());
    run();
    ASSERT_TRUE(*answer && **answer);
    EXPECT_THAT((**answer)->reasons, ElementsAre(hold_reason::winexec));
}

TEST_F(ScannerAndDesk, WhatCouldNotBeLookedIntoIsToldAndHoldsNothing) {
    checker->at_once = ham_reply();
    const auto answer = scan(program);
    finish_look({false, {"a.zip: encrypted: judged by its names"}});
    ASSERT_TRUE(*answer && **answer);
    EXPECT_THAT((**answer)->reasons, IsEmpty());
    EXPECT_THAT((**answer)->attachments, ElementsAre("a.zip: encrypted: judged by its names"));
}

TEST_F(ScannerAndDesk, OnlyWhatIsSwitchedOnIsDone) {
    checker->at_once = ham_reply();
    const auto no_look = scan(program, true, false);
    EXPECT_TRUE(*no_look);
    EXPECT_THAT(looking, IsEmpty());
    const auto only_look = scan(program, false, true);
    EXPECT_EQ(checker->asked.size(), 1U);
    finish_look({true, {}});
    ASSERT_TRUE(*only_look && **only_look);
    EXPECT_THAT((**only_look)->reasons, ElementsAre(hold_reason::winexec));
}

TEST_F(ScannerAndDesk, PlainTextIsNotLookedInto) {
    checker->at_once = ham_reply();
    EXPECT_TRUE(*scan(plain));
    EXPECT_THAT(looking, IsEmpty());
}

TEST_F(ScannerAndDesk, ALookEndsWellWithinTheMailsTime) {
    checker->at_once = ham_reply();
    scan(program);
    EXPECT_THAT(asked, ElementsAre(look_into_mail{1'000'000 + 1'500, account_name{"alice"}}));
    begin<scan_result>(scanner, scan_mail{{}, 1'001'000, 6.0, reason_set::all(), {}}, program);
    run();
    EXPECT_EQ(asked.back().deadline_at_ms, 1'000'500);
    looking.clear();
}

TEST_F(ScannerAndDesk, ADeskThatIsGoneCostsNoVerdict) {
    checker->at_once = spam_reply();
    caf::anon_send_exit(desk, caf::exit_reason::kill);
    run();
    const auto answer = scan(program);
    ASSERT_TRUE(*answer && **answer);
    EXPECT_THAT((**answer)->reasons, ElementsAre(hold_reason::spam));
    ASSERT_EQ((**answer)->attachments.size(), 1U);
    EXPECT_TRUE((**answer)->attachments[0].starts_with("not looked into: "));
}

}  // namespace
}  // namespace ie
