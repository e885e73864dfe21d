#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;

TEST_F(QuarantineActor, AReleasedMailGoesOutWithItsBytesAndEnvelope) {
    ASSERT_TRUE(hold(hold_of(1, {"b@far.test", "bcc@far.test"})));
    courier_->answers = {mail_delivered{second_copy}};
    const auto settled = release({id_of(1)}, alice);
    EXPECT_EQ(settled->done, ids{id_of(1)});
    ASSERT_EQ(courier_->questions.size(), 1U);
    EXPECT_EQ(courier_->questions[0].bytes, mail);
    EXPECT_EQ(courier_->questions[0].request,
              (deliver_mail{id_of(1), "a@alice.test", {"b@far.test", "bcc@far.test"}}));
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_EQ(release({id_of(1)})->failed[0].failure.code, error_code::not_found);
}

TEST_F(QuarantineActor, AMailThatEximRefusesStaysHeldWithTheReason) {
    ASSERT_TRUE(hold(hold_of(1)));
    courier_->answers = {fail(error_code::delivery_failed, "550 no such user")};
    const auto settled = release({id_of(1)});
    ASSERT_EQ(settled->failed.size(), 1U);
    EXPECT_EQ(settled->failed[0].failure, fail(error_code::delivery_failed, "550 no such user"));
    EXPECT_EQ(show(1).details->release_error, "550 no such user");
    courier_->answers = {mail_delivered{second_copy}};
    EXPECT_EQ(release({id_of(1)})->done, ids{id_of(1)});
}

TEST_F(QuarantineActor, ABusyCourierIsNotGivenMoreThanItsShare) {
    ids all;
    for (int number = 1; number <= 10; ++number) {
        ASSERT_TRUE(hold(hold_of(number)));
        all.push_back(id_of(number));
    }
    const auto pending = begin_release(all);
    EXPECT_EQ(courier_->questions.size(), 4U);
    EXPECT_EQ(status().queue, 10U);
    EXPECT_EQ(listed(root).size(), 10U);  // shown until they are out
    for (size_t i = 0; i < 10; ++i) {
        courier_->answer(i, mail_delivered{second_copy});
        run();
    }
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->done.size(), 10U);
}

TEST_F(QuarantineActor, AMailThatIsBeingReleasedIsNeitherReleasedAgainNorRemoved) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1), id_of(1)});
    EXPECT_EQ(release({id_of(1)})->failed[0].failure.code, error_code::conflict);
    EXPECT_EQ(remove({id_of(1)})->failed[0].failure.code, error_code::conflict);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    EXPECT_EQ((**pending)->done, ids{id_of(1)});
    EXPECT_EQ(courier_->questions.size(), 1U);
}

TEST_F(QuarantineActor, AtTheDeadlineTheRestIsStillBeingReleased) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2)));
    const auto pending = begin_release({id_of(1), id_of(2)}, 60'000);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    advance(std::chrono::seconds(60));
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->done, ids{id_of(1)});
    ASSERT_EQ((**pending)->failed.size(), 1U);
    EXPECT_EQ((**pending)->failed[0].failure.code, error_code::deadline_exceeded);
    courier_->answer(1, mail_delivered{second_copy});
    run();
    EXPECT_TRUE(listed(root).empty());
}

TEST_F(QuarantineActor, AReleaseThatComesTooLateDoesNothing) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto late = *ask<mails_settled>(quarantine_, releasing({id_of(1)}), from(root, 0));
    EXPECT_EQ(late.failure().code, error_code::deadline_exceeded);
    EXPECT_TRUE(courier_->questions.empty());
}

TEST_F(QuarantineActor, ACourierThatNeverAnswersLeavesTheMailHeld) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)}, 10'000'000);
    advance(std::chrono::milliseconds(options_.delivery_timeout_ms));
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->failed.size(), 1U);
    EXPECT_THAT(show(1).details->release_error, HasSubstr("no answer in time"));
}

TEST_F(QuarantineActor, NothingGoesOutWhoseIntentIsNotOnDisk) {
    ASSERT_TRUE(hold(hold_of(1)));
    faulty_ = "commit";
    EXPECT_EQ(release({id_of(1)})->failed[0].failure.code, error_code::storage_failed);
    EXPECT_TRUE(courier_->questions.empty());
}

TEST_F(QuarantineActor, AReasonHasABound) {
    ASSERT_TRUE(hold(hold_of(1)));
    release_mails request = releasing({id_of(1)});
    request.reason = std::string(settle_reason_bytes_max + 1, 'x');
    const auto refused = *ask<mails_settled>(quarantine_, request, from(root));
    EXPECT_EQ(refused.failure().code, error_code::bad_request);
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineActor, IdsThatCantBeAreNotFound) {
    const auto settled = release({mail_id{""}, mail_id{"../x"}, mail_id{"a\nb"}});
    ASSERT_EQ(settled->failed.size(), 3U);
    for (const auto& each : settled->failed) EXPECT_EQ(each.failure.code, error_code::not_found);
    EXPECT_EQ(settled->failed[2].failure.what, "no such mail: a\\nb");
    EXPECT_EQ(release(ids(1'001, id_of(1))).failure().code, error_code::bad_request);
}

TEST_F(QuarantineActor, AFilterReleasesWhatItMatches) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2, {"x@away.test"})));
    ASSERT_TRUE(hold(hold_of(3, {"x@away.test"}, "bob")));
    courier_->answers = {mail_delivered{second_copy}, mail_delivered{second_copy}};
    release_mails request;
    request.filter.recipient = "AWAY.test";
    const auto settled = *ask<mails_settled>(quarantine_, request, from(alice));
    EXPECT_EQ(settled->done, ids{id_of(2)});
    EXPECT_EQ(settled->remaining, 0U);
    EXPECT_EQ(listed(root), (ids{id_of(3), id_of(1)}));
}

TEST_F(QuarantineActor, AnIntentWithoutOutcomeIsTakenUpAgain) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    ASSERT_EQ(courier_->questions.size(), 1U);
    restart();
    ASSERT_EQ(courier_->questions.size(), 1U);
    EXPECT_EQ(courier_->questions[0].bytes, mail);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    EXPECT_TRUE(listed(root).empty());
    EXPECT_TRUE(confirm(1, second_copy)->deliver);
    EXPECT_FALSE(confirm(1, first_copy)->deliver);
}

TEST_F(QuarantineActor, AnIntentThatEximHasAskedAboutIsNotGivenAgain) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    ASSERT_TRUE(confirm(1, first_copy)->deliver);
    restart();
    EXPECT_TRUE(courier_->questions.empty());
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
}

TEST_F(QuarantineActor, TheFirstCopyThatAsksIsTheOneThatIsDelivered) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    restart();  // the first copy is in Exim's queue, the second is on its way
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    EXPECT_FALSE(confirm(1, second_copy)->deliver);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    restart();
    EXPECT_FALSE(confirm(1, second_copy)->deliver);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
}

TEST_F(QuarantineActor, ACopyThatWasThoughtLostReleasesTheMail) {
    ASSERT_TRUE(hold(hold_of(1)));
    courier_->answers = {fail(error_code::delivery_failed, "unknown whether Exim has the mail")};
    ASSERT_EQ(release({id_of(1)})->failed.size(), 1U);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, ACopyThatAsksWhileTheCourierFailsIsARelease) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)});
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    courier_->answer(0, fail(error_code::delivery_failed, "timeout"));
    run();
    EXPECT_EQ((**pending)->done, ids{id_of(1)});
}

TEST_F(QuarantineActor, NoCopyIsConfirmedThatIsNotOnDisk) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    faulty_ = "commit";
    EXPECT_EQ(confirm(1, first_copy).failure().code, error_code::storage_failed);
}

TEST_F(QuarantineActor, OnlyWhatIsKnownIsConfirmed) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    EXPECT_FALSE(confirm(1, first_copy)->deliver);  // the administrator's last word
    EXPECT_EQ(confirm(9, first_copy).failure().code, error_code::not_found);
}

TEST_F(QuarantineActor, ARecipientThatIsJoiningGoesOutWithTheMail) {
    ASSERT_TRUE(hold(hold_of(1, {"a@far.test"})));
    const auto joining = begin_hold(hold_of(1, {"b@far.test"}));
    const auto released = begin<mails_settled>(quarantine_, releasing({id_of(1)}), from(root));
    run();
    ASSERT_TRUE(*joining && **joining);
    ASSERT_EQ(courier_->questions.size(), 1U);
    EXPECT_THAT(courier_->questions[0].request.recipients, ElementsAre("a@far.test", "b@far.test"));
}

TEST_F(QuarantineActor, ARecipientThatIsJoiningIsRemovedWithTheMail) {
    ASSERT_TRUE(hold(hold_of(1, {"a@far.test"})));
    begin_hold(hold_of(1, {"b@far.test"}));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, NobodyJoinsAMailOfWhichACopyMayBeOnItsWay) {
    ASSERT_TRUE(hold(hold_of(1, {"a@far.test"})));
    courier_->answers = {fail(error_code::delivery_failed, "unknown whether Exim has the mail")};
    ASSERT_EQ(release({id_of(1)})->failed.size(), 1U);
    const auto second = hold(hold_of(1, {"b@far.test"}));
    ASSERT_TRUE(second);
    EXPECT_NE(second->id, id_of(1));
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    EXPECT_EQ(listed(root), ids{second->id});
}

TEST_F(QuarantineActor, AnOutcomeThatTheDiskRefusesIsSettledOnceItCanBe) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)});
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    faulty_ = "commit";
    courier_->answer(0, mail_delivered{first_copy});
    run();
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->failed[0].failure.code, error_code::storage_failed);
    EXPECT_EQ(listed(root), ids{id_of(1)});
    faulty_.clear();
    advance(std::chrono::seconds(5));
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_EQ(courier_->questions.size(), 1U) << "Exim has asked already: nothing goes again";
}

TEST_F(QuarantineActor, ARemovedMailIsGone) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(remove({id_of(1)}, alice)->done, ids{id_of(1)});
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_EQ(show(1).failure.code, error_code::not_found);
}

TEST_F(QuarantineActor, AFileThatCantBeRemovedGoesAtTheNextStart) {
    ASSERT_TRUE(hold(hold_of(1)));
    faulty_ = "unlink";
    EXPECT_EQ(remove({id_of(1)})->done, ids{id_of(1)});
    EXPECT_EQ(file_count(), 1U);
    faulty_ = "";
    restart();
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, ManyMailsAreRemovedInBoundedSteps) {
    const auto pending_count = static_cast<int>(remove_mails::ids_max) + 3;
    for (int number = 0; number < pending_count; ++number) begin_hold(hold_of(number));
    run();
    const auto settled = *ask<mails_settled>(quarantine_, remove_mails{}, from(root));
    EXPECT_EQ(settled->done.size(), remove_mails::ids_max);
    EXPECT_EQ(settled->remaining, 3U);
    EXPECT_EQ(listed(root).size(), 3U);
}

TEST_F(QuarantineActor, WhatWasSettledIsRememberedForAWeek) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    time_.advance_ms(store_sweep::settled_kept_ms - 1000);
    restart();
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_TRUE(listed(root).empty());
    time_.advance_ms(2'000);
    restart();
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineActor, TheStatusCountsWhatIsHeld) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(status().actor, "quarantine");
    EXPECT_EQ(status().detail, "held=1 used_bytes=" + std::to_string(bytes_of(1)));
}

}  // namespace
}  // namespace ie
