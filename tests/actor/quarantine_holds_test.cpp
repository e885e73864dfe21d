#include <thread>

#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;
using ::testing::UnorderedElementsAre;

TEST_F(QuarantineActor, AHeldMailIsListedAndShownAsItWas) {
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    const auto got = list(root);
    ASSERT_EQ(got->items.size(), 1U);
    const mail_summary& item = got->items[0];
    EXPECT_EQ(item.id, id_of(1));
    EXPECT_EQ(item.subject, "Grüße");
    EXPECT_EQ(item.size_bytes, mail.size());
    EXPECT_EQ(item.account.value, "alice");
    EXPECT_EQ(item.script_header.domain, "x.com");
    EXPECT_EQ(item.received_date, 1'795'300'001);
    EXPECT_THAT(item.reasons, ElementsAre(hold_reason::spam));
    const auto all = show(1);
    ASSERT_TRUE(all.details) << all.failure.what;
    EXPECT_EQ(all.bytes, mail);
    EXPECT_EQ(all.details->headers.front(), (mail_header{"Subject", "Grüße"}));
    EXPECT_EQ(show(1, root, mail_view::body).bytes, "body\n");
    EXPECT_EQ(show(1, root, mail_view::text).bytes, "body\n");
}

TEST_F(QuarantineActor, AHeldMailIsThereAfterACrash) {
    ASSERT_TRUE(hold(hold_of(1)));
    restart();
    EXPECT_EQ(listed(root), ids{id_of(1)});
    EXPECT_EQ(show(1).bytes, mail);
}

TEST_F(QuarantineActor, WhatWasFoundInAttachmentsIsShown) {
    hold_mail winexec = hold_of(1);
    winexec.ticket.attachment_findings = {"a.zip/run.exe: program by name", "and 2 more"};
    ASSERT_TRUE(hold(winexec));
    EXPECT_THAT(show(1).details->attachment_findings,
                ElementsAre("a.zip/run.exe: program by name", "and 2 more"));
    ASSERT_TRUE(hold(hold_of(2)));
    EXPECT_TRUE(show(2).details->attachment_findings.empty());
}

TEST_F(QuarantineActor, HoldingTwiceStoresOnce) {
    ASSERT_TRUE(hold(hold_of(1, {"b@far.test", "b@far.test"})));
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test"));
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(QuarantineActor, TheSameMailTwiceAtOnceIsStoredOnce) {
    const auto one = begin_hold(hold_of(1));
    const auto two = begin_hold(hold_of(1));
    run();
    EXPECT_TRUE(**one);
    EXPECT_TRUE(**two);
    EXPECT_EQ(listed(root).size(), 1U);
    EXPECT_EQ(list(root)->items[0].recipients.size(), 1U);
}

TEST_F(QuarantineActor, FurtherRecipientsJoinAHeldMail) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(*hold(hold_of(1, {"c@far.test", "b@far.test"}), "X: other bytes\n\n"),
              mail_held{id_of(1)});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test", "c@far.test"));
    EXPECT_EQ(show(1).bytes, mail);
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(QuarantineActor, AKnownRecipientOfASettledMailIsAnsweredAndNothingIsStored) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    restart();
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, AFurtherRecipientOfASettledMailIsHeldAnew) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    const auto held = hold(hold_of(1, {"b@far.test", "c@far.test"}));
    ASSERT_TRUE(held);
    EXPECT_NE(held->id, id_of(1));
    EXPECT_TRUE(is_uuid(held->id.value));
    EXPECT_EQ(listed(root), ids{held->id});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("c@far.test"));
    EXPECT_EQ(hold(hold_of(1, {"c@far.test"}))->id, held->id);
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineActor, HoldsThatWaitTogetherShareOneCommit) {
    std::vector<std::shared_ptr<std::optional<outcome<mail_held>>>> pending;
    for (int number = 1; number <= 8; ++number) pending.push_back(begin_hold(hold_of(number)));
    steps_.clear();
    run();
    for (const auto& each : pending) EXPECT_TRUE(**each);
    EXPECT_EQ(times("commit"), 1);
    EXPECT_EQ(times("fsync"), 1);
    EXPECT_EQ(times("write"), 8);
}

TEST_F(QuarantineActor, ABatchIsBounded) {
    for (size_t i = 0; i <= hold_queue::batch_mails_max; ++i) {
        begin_hold(hold_of(static_cast<int>(i)));
    }
    steps_.clear();
    run();
    EXPECT_EQ(times("commit"), 2);
    EXPECT_EQ(listed(root).size(), hold_queue::batch_mails_max + 1);
}

TEST_F(QuarantineActor, AnswersOnlyAfterEveryStepOnDisk) {
    begin_hold(hold_of(1));
    steps_.clear();
    run();
    EXPECT_THAT(steps_, ElementsAre("write", "append", "fsync", "rename", "commit", "committed"));
}

// All but the journal of a large mail is on disk before its name and row are given.
TEST_F(QuarantineActor, ALargeMailsFileIsSynced) {
    begin_hold(hold_of(1), large_mail);
    steps_.clear();
    run();
    ASSERT_EQ(steps_.size(), 8U);
    EXPECT_THAT(std::vector(steps_.begin(), steps_.begin() + 5),
                UnorderedElementsAre("write", "append", "fsync", "fsync_file", "fsync_folder"));
    EXPECT_THAT(std::vector(steps_.begin() + 5, steps_.end()),
                ElementsAre("rename", "commit", "committed"));
    EXPECT_LT(fs::file_size(folder_.path("quarantine-journal.0")) % (4 << 20), large_mail.size());
}

TEST_F(QuarantineActor, NothingIsAcknowledgedWhenAStepFails) {
    run();
    for (const char* step :
         {"write", "append", "fsync", "fsync_file", "fsync_folder", "rename", "commit"}) {
        faulty_ = step;
        const auto refused = hold(hold_of(1), large_mail);
        ASSERT_FALSE(refused) << step;
        EXPECT_EQ(refused.failure().code, error_code::storage_failed);
        EXPECT_THAT(refused.failure().what, HasSubstr("No space left on device")) << step;
        EXPECT_EQ(status().last_error, refused.failure().what);
        EXPECT_EQ(file_count(), 0U) << step;
        EXPECT_TRUE(listed(root).empty()) << step;
    }
    faulty_ = "";
    EXPECT_TRUE(hold(hold_of(1)));
}

TEST_F(QuarantineActor, HoldsThatCantBeAreRefused) {
    EXPECT_EQ(hold(hold_of(1, {})).failure().code, error_code::bad_request);
    auto path = hold_of(1);
    path.ticket.id = mail_id{"../../../../../../../../etc/passwd00"};
    EXPECT_EQ(hold(path).failure().code, error_code::bad_request);
    const auto many = hold_of(1, std::vector<std::string>(hold_queue::recipients_max + 1, "b"));
    EXPECT_EQ(hold(many).failure().code, error_code::bad_request);
    const auto late = *ask<mail_held>(quarantine_, hold_of(1), from(root, -1), mail_bytes(mail));
    EXPECT_EQ(late.failure().code, error_code::deadline_exceeded);
}

TEST_F(QuarantineActor, ThreeThousandRecipientsAreKept) {
    std::vector<std::string> recipients;
    for (int i = 0; i < 3'000; ++i) recipients.push_back(std::to_string(i) + "@far.test");
    ASSERT_TRUE(hold(hold_of(1, recipients)));
    EXPECT_EQ(list(root)->items[0].recipients, recipients);
}

TEST_F(QuarantineActor, MailOfNobodyBelongsToRoot) {
    auto request = hold_of(1);
    request.ticket.owner.account = {};
    ASSERT_TRUE(hold(request));
    EXPECT_EQ(list(root)->items[0].account.value, "root");
    EXPECT_TRUE(listed(alice).empty());
}

TEST_F(QuarantineActor, RootSeesAllAndAnOwnerTheirOwn) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2, {"x@far.test"}, "bob")));
    EXPECT_EQ(listed(root), (ids{id_of(2), id_of(1)}));
    EXPECT_EQ(listed(root, "root"), (ids{id_of(2), id_of(1)}));
    EXPECT_EQ(listed(root, "ALICE"), ids{id_of(1)});
    EXPECT_EQ(listed(alice), ids{id_of(1)});
    EXPECT_EQ(listed(bob, "Bob"), ids{id_of(2)});
}

TEST_F(QuarantineActor, NobodyActsForAnother) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(list(bob, "alice").failure().code, error_code::not_permitted);
    EXPECT_EQ(list(bob, "root").failure().code, error_code::not_permitted);
    const caller stranger{caller_role::stranger, 65534, account_name{"alice"}};
    EXPECT_EQ(list(stranger).failure().code, error_code::not_permitted);
    EXPECT_EQ(release({id_of(1)}, stranger).failure().code, error_code::not_permitted);
    EXPECT_EQ(remove({id_of(1)}, stranger).failure().code, error_code::not_permitted);
    EXPECT_EQ(show(1, stranger).failure.code, error_code::not_permitted);
}

TEST_F(QuarantineActor, AnothersMailIsNotToldFromNone) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(show(1, bob).failure.code, error_code::not_found);
    EXPECT_EQ(show(1, bob).failure.what, "no such mail: " + id_of(1).value);
    const auto released = release({id_of(1), id_of(9)}, bob);
    ASSERT_EQ(released->failed.size(), 2U);
    EXPECT_EQ(released->failed[0].failure.code, released->failed[1].failure.code);
    EXPECT_EQ(remove({id_of(1)}, bob)->failed[0].failure.code, error_code::not_found);
    EXPECT_EQ(listed(alice), ids{id_of(1)});
    EXPECT_TRUE(courier_->questions.empty());
}

TEST_F(QuarantineActor, AListsLimitHasBounds) {
    for (const uint32_t limit : {0U, list_mails::limit_max + 1}) {
        list_mails request;
        request.limit = limit;
        const auto refused = *ask<mail_list>(quarantine_, request, from(root));
        EXPECT_EQ(refused.failure().code, error_code::bad_request);
    }
}

TEST_F(QuarantineActor, AnAlteredFileIsNeitherShownNorReleased) {
    ASSERT_TRUE(hold(hold_of(1)));
    std::ofstream(path_of(1), std::ios::app) << "x";
    EXPECT_EQ(show(1).failure.code, error_code::storage_failed);
    EXPECT_THAT(show(1).failure.what, HasSubstr("altered"));
    const auto settled = release({id_of(1)});
    ASSERT_EQ(settled->failed.size(), 1U);
    EXPECT_THAT(settled->failed[0].failure.what, HasSubstr("altered"));
    EXPECT_TRUE(courier_->questions.empty());
    EXPECT_EQ(listed(root).size(), 1U);
}

// Whoever waits for a disk that is that slow has gone by then, and others are to be held.
TEST_F(QuarantineActor, CommitsAreTriedAloneForABoundedTime) {
    run();
    fault_ = [](const disk_step& step) {
        if (step.name != "commit") return 0;
        if (step.time == 2) std::this_thread::sleep_for(std::chrono::milliseconds(2'100));
        return ENOSPC;
    };
    steps_.clear();
    std::vector<std::shared_ptr<std::optional<outcome<mail_held>>>> held;
    for (const int number : {1, 2, 3}) held.push_back(begin_hold(hold_of(number)));
    run();
    for (const auto& each : held) EXPECT_EQ((**each).failure().code, error_code::storage_failed);
    EXPECT_EQ(times("commit"), 2);  // together, and the first alone
    EXPECT_EQ(file_count(), 0U);
    fault_ = {};
    EXPECT_TRUE(hold(hold_of(3)));
}

}  // namespace
}  // namespace ie
