// Each account's space: what it takes, what goes for lack of room or for its age, what its owner
// may release, and what of it stands in the audit trail.
#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class QuarantineSpace : public QuarantineActor {
  protected:
    QuarantineSpace() { run(); }
    void limit(const std::string& account, uint64_t bytes) { decide(account, {bytes, {}, {}}); }
    void limit_releases(const std::string& account, uint32_t count) {
        decide(account, {{}, count, {}});
    }
    outcome<account_purged> purge(const caller& who, const std::string& account) {
        return *ask<account_purged>(quarantine_, purge_account{account_name{account}}, from(who));
    }
    // Exim takes the next ones.
    void courier_takes(int count) {
        for (int i = 0; i < count; ++i) courier_->answers.emplace_back(mail_delivered{first_copy});
    }
    // The mails that were released for who asked, or why not.
    std::vector<std::string> refusals_of(const outcome<mails_settled>& got) {
        std::vector<std::string> all;
        for (const auto& each : got->failed) all.push_back(each.failure.what);
        return all;
    }
};

TEST_F(QuarantineSpace, TheOldestGoUntilTheRestFits) {
    ASSERT_TRUE(hold(hold_of(100, {"x@far.test"}, "bob")));
    ASSERT_TRUE(hold(hold_of(1)));
    const uint64_t one = bytes_of(1);
    limit("alice", 3 * one + 10);
    for (int number = 2; number <= 7; ++number) ASSERT_TRUE(hold(hold_of(number)));
    EXPECT_EQ(listed(alice), (ids{id_of(7), id_of(6), id_of(5)}));
    EXPECT_EQ(listed(bob), ids{id_of(100)});
    const auto space = space_of("alice");
    EXPECT_EQ(space.used_bytes, bytes_of(5) + bytes_of(6) + bytes_of(7));
    EXPECT_EQ(space.held_mails, 3U);
    EXPECT_EQ(space.deleted_last_hour, 4U);
    EXPECT_EQ(space_of("bob").deleted_last_hour, 0U);
    EXPECT_EQ(file_count(), 4U);
    time_.advance_ms(3'600'001);
    EXPECT_EQ(space_of("alice").deleted_last_hour, 0U);
}

TEST_F(QuarantineSpace, TheNewestMailStaysWhateverItsSize) {
    limit("alice", 10);
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2)));
    EXPECT_EQ(listed(alice), ids{id_of(2)});
}

TEST_F(QuarantineSpace, ALowerLimitIsSoonInForce) {
    for (int number = 1; number <= 120; ++number) ASSERT_TRUE(hold(hold_of(number)));
    limit("alice", 2 * bytes_of(120));
    advance(std::chrono::milliseconds(options_.poll_interval_ms));
    EXPECT_EQ(listed(alice), (ids{id_of(120), id_of(119)}));
}

TEST_F(QuarantineSpace, AMailThatIsBeingReleasedIsNotEvicted) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)});
    limit("alice", 10);
    for (const int number : {2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    EXPECT_EQ(listed(alice), (ids{id_of(3), id_of(1)}));
}

// Whoever joins is committed before anything goes, or would be acknowledged and lost.
TEST_F(QuarantineSpace, ARecipientThatJoinsAMailThatGoesLeavesNoFile) {
    ASSERT_TRUE(hold(hold_of(1)));
    limit("alice", 10);
    std::shared_ptr<std::optional<outcome<mail_held>>> joining;
    on_step_ = [&](std::string_view step) {
        if (step != "fsync" || joining) return;
        joining = begin_hold(hold_of(1, {"c@far.test"}));
        scheduler().try_run_once();  // who asks
    };
    ASSERT_TRUE(hold(hold_of(2)));
    ASSERT_TRUE(joining && joining->has_value());
    EXPECT_TRUE(**joining);
    EXPECT_EQ(listed(alice), ids{id_of(2)});
    EXPECT_EQ(file_count(), 1U);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineSpace, OldMailGoesAfterItsTime) {
    ASSERT_TRUE(hold(hold_of(1)));
    time_.set_back_ms(time_.now_ms() -
                      (hold_of(1).ticket.received_at_ms + 29LL * 24 * 3600 * 1000));
    advance(2s);
    EXPECT_EQ(listed(root).size(), 1U);
    time_.advance_ms(24LL * 3600 * 1000);
    advance(2s);
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineSpace, WithoutRetentionNothingGoesForItsAge) {
    options_.retention_days = 0;
    restart();
    ASSERT_TRUE(hold(hold_of(1)));
    time_.advance_ms(4000LL * 24 * 3600 * 1000);
    advance(2s);
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineSpace, EvictionThatTheDiskRefusesIsTriedAgain) {
    for (const int number : {1, 2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    limit("alice", bytes_of(1));
    faulty_ = "commit";
    advance(2s);
    EXPECT_EQ(listed(alice).size(), 3U);
    faulty_ = "";
    advance(2s);
    EXPECT_EQ(listed(alice), ids{id_of(3)});
}

TEST_F(QuarantineSpace, AccountsAreListedWithWhatIsInForce) {
    ASSERT_TRUE(hold(hold_of(1)));
    decide("carol", {7, 9, space_state::block});
    const auto all = accounts(root);
    ASSERT_EQ(all->max_count, 2U);
    EXPECT_EQ(all->items[0].account.value, "alice");
    EXPECT_EQ(all->items[0].limit_bytes, 104'857'600U);
    EXPECT_EQ(all->items[0].releases_limit, 5U);
    EXPECT_EQ(all->items[1],
              (account_space{account_name{"carol"}, 7, 0, space_state::block, 9, 0, 0}));
    EXPECT_EQ(accounts(alice)->items.size(), 1U);
    EXPECT_EQ(accounts(bob)->items.size(), 0U);
    EXPECT_EQ(accounts(bob, "alice").failure().code, error_code::not_permitted);
}

TEST_F(QuarantineSpace, AnOwnerReleasesSoManyAnHour) {
    for (int number = 1; number <= 8; ++number) ASSERT_TRUE(hold(hold_of(number)));
    courier_takes(8);
    EXPECT_EQ(release({id_of(1), id_of(2)}, alice)->done.size(), 2U);
    time_.advance_ms(60'000);
    const auto more = release({id_of(3), id_of(4), id_of(5), id_of(6)}, alice);
    EXPECT_EQ(more->done, (ids{id_of(3), id_of(4), id_of(5)}));
    ASSERT_EQ(more->failed.size(), 1U);
    EXPECT_EQ(more->failed[0].id, id_of(6));
    EXPECT_EQ(more->failed[0].failure.code, error_code::limit_reached);
    // Begun at 07:53:06.
    EXPECT_THAT(more->failed[0].failure.what,
                HasSubstr("5 mails in 60 minutes, the next one from 08:54 UTC"));
    EXPECT_EQ(release({id_of(6)}, root)->done.size(), 1U);  // root's don't count
    limit_releases("alice", 6);
    EXPECT_EQ(release({id_of(7)}, alice)->done.size(), 1U);
    EXPECT_EQ(release({id_of(8)}, alice)->failed.size(), 1U);
    restart();
    courier_takes(1);
    time_.advance_ms(3'540'001);
    EXPECT_EQ(release({id_of(8)}, alice)->done.size(), 1U);
}

TEST_F(QuarantineSpace, AReleaseThatFailsIsNotCounted) {
    limit_releases("alice", 1);
    ASSERT_TRUE(hold(hold_of(1)));
    courier_->answers.emplace_back(fail(error_code::delivery_failed, "550 no"));
    EXPECT_EQ(release({id_of(1)}, alice)->failed.size(), 1U);
    courier_takes(1);
    EXPECT_EQ(release({id_of(1)}, alice)->done.size(), 1U);
}

TEST_F(QuarantineSpace, ALimitOfNoneLetsAnOwnerReleaseNothing) {
    limit_releases("alice", 0);
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_THAT(refusals_of(release({id_of(1)}, alice)),
                ElementsAre(HasSubstr("may release no mail")));
}

TEST_F(QuarantineSpace, AClockThatWasSetBackDoesNotShutAnOwnerOutForLong) {
    limit_releases("alice", 1);
    for (const int number : {1, 2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    courier_takes(3);
    EXPECT_EQ(release({id_of(1)}, alice)->done.size(), 1U);
    time_.set_back_ms(100LL * 24 * 3600 * 1000);
    EXPECT_EQ(release({id_of(2)}, alice)->failed.size(), 1U);
    time_.advance_ms(3'600'001);
    EXPECT_EQ(release({id_of(2)}, alice)->done.size(), 1U);
}

TEST_F(QuarantineSpace, APurgeTakesOneAccountsMail) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2, {"x@far.test"}, "bob")));
    ASSERT_TRUE(hold(hold_of(3, {"x@far.test"}, "")));
    EXPECT_EQ(purge(root, "root")->removed, 1U);
    EXPECT_EQ(listed(root).size(), 2U);
    EXPECT_EQ(purge(bob, "alice").failure().code, error_code::not_permitted);
    EXPECT_EQ(*purge(root, "ALICE"), (account_purged{1, 0, 0}));
    EXPECT_EQ(listed(root), ids{id_of(2)});
    EXPECT_EQ(file_count(), 1U);
    EXPECT_EQ(space_of("alice").used_bytes, 0U);
}

TEST_F(QuarantineSpace, OnlyWhatIsAnAccountCanBePurged) {
    options_.is_account = [](const account_name& account) { return account.value == "dave"; };
    restart();
    EXPECT_EQ(purge(root, "typo").failure().code, error_code::not_found);
    EXPECT_THAT(purge(root, "ty po").failure().what, HasSubstr("no account \"ty po\""));
    decide("carol", {7, {}, {}});
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(purge(root, "alice"));
    for (const char* known : {"alice", "Carol", "dave", "root", ""}) {
        EXPECT_TRUE(purge(root, known)) << known;
    }
    EXPECT_TRUE(purge(bob, "bob"));
}

TEST_F(QuarantineSpace, WhatPeopleDoIsInTheTrailOnce) {
    for (const int number : {1, 2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    courier_takes(1);
    courier_->answers.emplace_back(fail(error_code::delivery_failed, "550 no"));
    ASSERT_TRUE(release({id_of(1)}, alice));
    ASSERT_TRUE(release({id_of(2)}, root));
    ASSERT_TRUE(remove({id_of(2)}, alice));
    ASSERT_TRUE(purge(root, "alice"));
    run();
    restart();
    const auto told = trail_.actions();
    ASSERT_EQ(told.size(), 4U);
    EXPECT_EQ(told[0].who, alice);
    EXPECT_EQ(told[0].action, "release_mails");
    EXPECT_EQ(told[0].object, "mail " + id_of(1).value + " of alice");
    EXPECT_EQ(told[0].after, "released");
    EXPECT_EQ(told[0].result, "done");
    EXPECT_EQ(told[1].after, "held");
    EXPECT_EQ(told[1].result, "failed: 550 no");
    EXPECT_EQ(told[2].action, "remove_mails");
    EXPECT_EQ(told[3].object, "account alice");
    EXPECT_EQ(told[3].before, "1 mails held");
}

// As going back to the version before does, with the copy of quarantine.db that was kept for that.
TEST_F(QuarantineSpace, WhatPeopleDoAfterACopyOfTheDatabaseWasPutBackIsInTheTrailOnce) {
    const fs::path database = folder_.path("quarantine.db");
    const fs::path copy = folder_.path("a copy");
    for (const int number : {1, 2, 3, 4, 5}) ASSERT_TRUE(hold(hold_of(number)));
    ASSERT_TRUE(remove({id_of(1)}, alice));
    run();
    crash();
    SQLite::Database(database, SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
    fs::copy_file(database, copy);
    begin_engine();
    run();
    ASSERT_TRUE(remove({id_of(2)}, alice));
    ASSERT_TRUE(remove({id_of(3)}, alice));
    run();
    crash();
    fs::remove(database.string() + "-wal");
    fs::remove(database.string() + "-shm");
    fs::rename(copy, database);
    begin_engine();
    run();
    ASSERT_TRUE(remove({id_of(4)}, alice));
    run();
    restart();
    ASSERT_TRUE(remove({id_of(5)}, alice));
    run();
    std::vector<std::string> told;
    for (const auto& each : trail_.actions()) told.push_back(each.object);
    std::vector<std::string> expected;
    for (const int number : {1, 2, 3, 4, 5}) {
        expected.push_back("mail " + id_of(number).value + " of alice");
    }
    EXPECT_EQ(told, expected);
}

TEST_F(QuarantineSpace, WhoReachesForAnothersMailIsInTheTrail) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(show(1, bob).failure.code, error_code::not_found);
    EXPECT_EQ(release({id_of(1)}, bob)->failed.front().failure.code, error_code::not_found);
    EXPECT_EQ(remove({id_of(1)}, bob)->failed.front().failure.code, error_code::not_found);
    run();
    const auto refused = trail_.refusals();
    ASSERT_EQ(refused.size(), 3U);
    for (const auto& each : refused) {
        EXPECT_EQ(each.who, bob);
        EXPECT_THAT(each.what, HasSubstr("mail " + id_of(1).value + " of alice"));
    }
    EXPECT_EQ(refused[0].request, "show_mail");
}

// Somebody who learns from what people decide.
lesson_actor::behavior_type learner(lesson_actor::pointer,
                                    std::vector<std::pair<mail_lesson, std::string>>* into) {
    return {[into](const mail_lesson& lesson, const mail_bytes& bytes) {
        into->emplace_back(lesson, bytes.view());
    }};
}

TEST_F(QuarantineSpace, WhatPeopleDecideIsALesson) {
    std::vector<std::pair<mail_lesson, std::string>> lessons;
    options_.learner = own(lesson_actor{system_->spawn(learner, &lessons)});
    crash();
    options_.learner = own(lesson_actor{system_->spawn(learner, &lessons)});
    begin_engine();
    for (const int number : {1, 2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    courier_takes(1);
    ASSERT_TRUE(release({id_of(1)}, alice));
    ASSERT_TRUE(remove({id_of(2)}));
    remove_mails quiet;
    quiet.ids = {id_of(3)};
    quiet.learn = false;
    ASSERT_TRUE(*ask<mails_settled>(quarantine_, quiet, from(root)));
    run();
    ASSERT_EQ(lessons.size(), 2U);
    EXPECT_FALSE(lessons[0].first.spam);
    EXPECT_EQ(lessons[0].first.account.value, "alice");
    EXPECT_EQ(lessons[0].second, mail);
    EXPECT_TRUE(lessons[1].first.spam);
    EXPECT_EQ(lessons[1].first.id, id_of(2));
}

}  // namespace
}  // namespace ie
