// The store after crashes, and what becomes of it when files or the database are lost or altered.
#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

class QuarantineRecovery : public QuarantineActor {
  protected:
    std::string database() const { return folder_.path("quarantine.db"); }
    size_t set_aside() const {
        size_t count = 0;
        for (const auto& entry : fs::directory_iterator(folder_.path())) {
            const std::string name = entry.path().filename().string();
            count += name.starts_with("quarantine.db.damaged-") && !name.ends_with("-wal") ? 1 : 0;
        }
        return count;
    }
    // The write-ahead log goes into the database, as when an engine stops in order.
    void stop() {
        crash();
        SQLite::Database(database(), SQLite::OPEN_READWRITE)
            .execAndGet("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    void start() {
        begin_engine();
        run();
    }
    // As a hold leaves it that was killed before its commit.
    void publish(int number) {
        auto store = mail_store::open(folder_.path("quarantine"), {});
        const hold_mail hold = hold_of(number);
        ASSERT_TRUE(store->put({hold.ticket.id,
                                hold.ticket,
                                hold.queue_id,
                                hold.recipients,
                                time_.now_ms(),
                                mail.size(),
                                {},
                                digest_of(mail)},
                               mail));
    }
    // What of the files and of the database had reached the disk before the power went: what was
    // there when `keep_on_disk` was called.
    void keep_on_disk() {
        restart();  // the journal is empty
        crash();
        fs::remove_all(on_disk_.path("data"));
        fs::copy(folder_.path(), on_disk_.path("data"), fs::copy_options::recursive);
        start();
    }
    void lose_power() {
        crash();
        for (const auto& entry : fs::directory_iterator(folder_.path())) {
            const std::string name = entry.path().filename();
            if (!name.starts_with("quarantine-journal")) fs::remove_all(entry.path());
        }
        fs::copy(on_disk_.path("data"), folder_.path(),
                 fs::copy_options::recursive | fs::copy_options::skip_existing);
    }
    std::string journal() const { return folder_.path("quarantine-journal.0"); }

    void fill_with_mails() {
        ASSERT_TRUE(hold(hold_of(1, {"b@far.test", "c@far.test"})));
        ASSERT_TRUE(hold(hold_of(2, {"b@far.test"}, "bob")));
        ASSERT_TRUE(hold(hold_of(1, {"d@far.test"})));
        before_ = *list(root);
    }
    void expect_the_same_mails() {
        const auto got = list(root);
        ASSERT_TRUE(got) << got.failure().what;
        EXPECT_EQ(got->items, before_.items);
        EXPECT_EQ(problems(), std::vector<std::string>{});
    }

    mail_list before_;
    const temporary_folder on_disk_;
};

TEST_F(QuarantineRecovery, WhatWasAcknowledgedOutlastsAPowerCut) {
    keep_on_disk();
    fill_with_mails();
    lose_power();
    EXPECT_EQ(file_count(), 0U);
    start();
    expect_the_same_mails();
    EXPECT_EQ(show(1).bytes, mail);
    restart();
    expect_the_same_mails();
}

TEST_F(QuarantineRecovery, FilesThatAPowerCutLeftHalfWrittenAreWrittenAgain) {
    fill_with_mails();
    crash();
    fs::resize_file(path_of(1), 0);
    fs::resize_file(path_of(2), fs::file_size(path_of(2)) - 1);
    start();
    expect_the_same_mails();
}

// What is on the disk is whole, and of before the last recipient joined.
TEST_F(QuarantineRecovery, AFileThatAPowerCutMadeAnOldOneIsWrittenAgain) {
    ASSERT_TRUE(hold(hold_of(1)));
    const std::string old = on_disk_.path("old");
    fs::copy_file(path_of(1), old);
    ASSERT_TRUE(hold(hold_of(1, {"c@far.test"})));
    crash();
    fs::copy_file(old, path_of(1), fs::copy_options::overwrite_existing);
    start();
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test", "c@far.test"));
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

// Its bytes are on the disk, its name isn't.
TEST_F(QuarantineRecovery, ALargeMailGetsTheNameThatAPowerCutTook) {
    keep_on_disk();
    ASSERT_TRUE(hold(hold_of(1), large_mail));
    const std::string staged = on_disk_.path("data/quarantine/00/" + id_of(1).value + ".new");
    fs::copy_file(path_of(1), staged);
    lose_power();
    start();
    EXPECT_EQ(show(1).bytes, large_mail);
    EXPECT_EQ(file_count(), 1U);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, AStagedFileThatIsNotTheMailsDoesNotGetItsName) {
    keep_on_disk();
    ASSERT_TRUE(hold(hold_of(1), large_mail));
    const std::string staged = on_disk_.path("data/quarantine/00/" + id_of(1).value + ".new");
    fs::copy_file(path_of(1), staged);
    fs::resize_file(staged, fs::file_size(staged) - 1);
    lose_power();
    start();
    EXPECT_EQ(file_count(), 0U);
    EXPECT_TRUE(listed(root).empty());
}

// A commit each would make a start wait for as long as all the holds took.
TEST_F(QuarantineRecovery, ManyMailsGetTheirRowsInFewCommits) {
    keep_on_disk();
    constexpr int mails = 1'200;
    for (int number = 0; number < mails; ++number) begin_hold(hold_of(number));
    run();
    lose_power();
    steps_.clear();
    start();
    EXPECT_LE(times("commit"), mails / static_cast<long>(hold_recovery::rows_at_once_max) + 1);
    EXPECT_EQ(list(root)->max_count, static_cast<uint64_t>(mails));
    EXPECT_EQ(file_count(), static_cast<size_t>(mails));
}

// One that the database refuses doesn't keep the others out.
TEST_F(QuarantineRecovery, RowsThatAreRefusedTogetherAreMadeOneByOne) {
    keep_on_disk();
    for (const int number : {1, 2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    lose_power();
    fault_ = [](const disk_step& at) { return at.name == "commit" && at.time <= 2 ? ENOSPC : 0; };
    start();
    EXPECT_THAT(status().detail, HasSubstr("1 held mails can't be written back"));
    for (int i = 0; i < hold_recovery::polls_between; ++i) {
        advance(std::chrono::milliseconds(options_.poll_interval_ms));
    }
    EXPECT_EQ(listed(root).size(), 3U);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, WhatWasRemovedStaysAwayAfterAPowerCut) {
    keep_on_disk();
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    lose_power();
    start();
    EXPECT_EQ(listed(root), ids{id_of(2)});
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

// It was being appended when the power went.
TEST_F(QuarantineRecovery, AMailThatIsNotWholeInTheJournalWasNeverAcknowledged) {
    keep_on_disk();
    ASSERT_TRUE(hold(hold_of(2)));
    ASSERT_TRUE(hold(hold_of(1)));
    lose_power();
    const auto whole = fs::file_size(journal());
    const std::string bytes_of_mail = "body";
    std::fstream file(journal(), std::ios::binary | std::ios::in | std::ios::out);
    std::string all(whole, '\0');
    file.read(all.data(), static_cast<std::streamsize>(whole));
    file.seekp(static_cast<std::streamoff>(all.rfind(bytes_of_mail)));
    file << "lost";
    file.close();
    start();
    EXPECT_EQ(listed(root), ids{id_of(2)});
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, WhileTheJournalCannotBeEmptiedNothingIsAcknowledged) {
    ASSERT_TRUE(hold(hold_of(1)));
    crash();
    faulty_ = "checkpoint";
    start();
    EXPECT_EQ(hold(hold_of(2)).failure().code, error_code::storage_failed);
    EXPECT_THAT(status().last_error, HasSubstr("isn't safely stored yet"));
    EXPECT_EQ(listed(root), ids{id_of(1)});
    faulty_ = "";
    for (int i = 0; i < hold_recovery::polls_between; ++i) {
        advance(std::chrono::milliseconds(options_.poll_interval_ms));
    }
    EXPECT_TRUE(hold(hold_of(2)));
    EXPECT_EQ(listed(root).size(), 2U);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, AMailThatWasNotCommittedIsTakenInAndAnswered) {
    run();
    ASSERT_TRUE(hold(hold_of(2)));
    crash();
    publish(1);
    std::ofstream(path_of(3) + ".new") << "half";  // not renamed
    start();
    EXPECT_EQ(file_count(), 2U);
    EXPECT_EQ(listed(root), (ids{id_of(2), id_of(1)}));
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});  // Exim tries again
    EXPECT_EQ(listed(root).size(), 2U);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, AMailWhoseFileIsGoneIsStoredAgainWhenEximBringsItAgain) {
    ASSERT_TRUE(hold(hold_of(1, {"b@far.test", "c@far.test"})));
    fs::remove(path_of(1));
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    EXPECT_EQ(show(1).bytes, mail);
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test", "c@far.test"));
    EXPECT_EQ(problems(), std::vector<std::string>{});
    ASSERT_TRUE(remove({id_of(1)}));
    ASSERT_TRUE(hold(hold_of(1)));  // settled: it is not there any more, and stays away
    EXPECT_EQ(file_count(), 0U);
}

// It may have been acknowledged by an engine whose database lost it.
TEST_F(QuarantineRecovery, AFileThatTheDatabaseDoesNotKnowIsNotWrittenOver) {
    run();
    publish(1);
    ASSERT_EQ(*hold(hold_of(1, {"c@far.test"})), mail_held{id_of(1)});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test", "c@far.test"));
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, AFileThatCannotBeTakenInStaysAndNothingIsHeldOverIt) {
    run();
    publish(1);
    faulty_ = "read";
    EXPECT_EQ(hold(hold_of(1)).failure().code, error_code::storage_failed);
    faulty_ = "commit";
    EXPECT_EQ(hold(hold_of(1)).failure().code, error_code::storage_failed);
    faulty_ = "";
    EXPECT_EQ(file_count(), 1U);
    EXPECT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(listed(root), ids{id_of(1)});
}

TEST_F(QuarantineRecovery, ALostDatabaseIsMadeAnew) {
    fill_with_mails();
    crash();
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(database() + end);
    start();
    expect_the_same_mails();
    EXPECT_EQ(set_aside(), 0U);
}

TEST_F(QuarantineRecovery, WhatWasFoundInAttachmentsIsInTheMailsFile) {
    hold_mail winexec = hold_of(1);
    winexec.ticket.attachment_findings = {"a.zip/run.exe: program by name"};
    ASSERT_TRUE(hold(winexec));
    crash();
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(database() + end);
    start();
    EXPECT_THAT(show(1).details->attachment_findings,
                ElementsAre("a.zip/run.exe: program by name"));
}

TEST_F(QuarantineRecovery, ATruncatedDatabaseIsSetAsideAndMadeAnew) {
    fill_with_mails();
    stop();
    fs::resize_file(database(), fs::file_size(database()) / 2);
    start();
    expect_the_same_mails();
    EXPECT_EQ(set_aside(), 1U);
}

TEST_F(QuarantineRecovery, AnEmptyDatabaseIsMadeAnew) {
    fill_with_mails();
    stop();
    fs::resize_file(database(), 0);
    start();
    expect_the_same_mails();
}

TEST_F(QuarantineRecovery, NoiseIsSetAsideAndMadeAnew) {
    fill_with_mails();
    stop();
    const auto size = fs::file_size(database());
    std::ofstream(database(), std::ios::binary) << std::string(size, '\x5a');
    start();
    expect_the_same_mails();
    EXPECT_EQ(set_aside(), 1U);
}

TEST_F(QuarantineRecovery, APageOfNoiseIsFound) {
    fill_with_mails();
    stop();
    std::fstream file(database(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096);
    file << std::string(4096, '\x5a');
    file.close();
    start();
    expect_the_same_mails();
    EXPECT_EQ(set_aside(), 1U);
}

TEST_F(QuarantineRecovery, WhileItIsMadeAnewNobodySeesAPartAndMailIsHeld) {
    fill_with_mails();
    crash();
    fs::remove(database());
    begin_engine();
    std::shared_ptr<std::optional<outcome<mail_list>>> early;
    std::shared_ptr<std::optional<outcome<mail_held>>> again;
    std::shared_ptr<std::optional<outcome<mail_held>>> more;
    on_step_ = [&](std::string_view step) {
        if (step != "read" || early) return;
        early = begin<mail_list>(quarantine_, list_mails{}, from(root));
        again = begin_hold(hold_of(1));  // is on disk already
        more = begin_hold(hold_of(3));
        for (int i = 0; i < 3; ++i) scheduler().try_run_once();  // who asks
    };
    run();
    ASSERT_FALSE(**early);
    EXPECT_EQ((*early)->failure().code, error_code::unavailable);
    EXPECT_THAT((*early)->failure().what, HasSubstr("made anew"));
    EXPECT_EQ((**again)->id, id_of(1));
    EXPECT_TRUE(**more);
    EXPECT_EQ(listed(root), (ids{id_of(3), id_of(2), id_of(1)}));
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineRecovery, ACopyThatAsksWhileItIsMadeAnewIsAnswered) {
    fill_with_mails();
    crash();
    fs::remove(database());
    begin_engine();
    const auto answer =
        begin<release_confirmed>(quarantine_, confirm_release{id_of(1), first_copy}, from(root));
    run();
    ASSERT_TRUE(**answer);
    EXPECT_TRUE((**answer)->deliver);
    EXPECT_EQ(listed(root), ids{id_of(2)});
}

TEST_F(QuarantineRecovery, ALostFileIsReported) {
    ASSERT_TRUE(hold(hold_of(1)));
    restart();
    crash();
    fs::remove(path_of(1));
    start();
    EXPECT_THAT(status().last_error, HasSubstr(id_of(1).value + " has lost its file"));
    EXPECT_EQ(listed(root).size(), 1U);
    EXPECT_EQ(show(1).failure.code, error_code::storage_failed);
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("no file")));
}

TEST_F(QuarantineRecovery, ACheckFindsWhatIsWrong) {
    for (const int number : {1, 2, 3}) ASSERT_TRUE(hold(hold_of(number)));
    ASSERT_EQ(problems(), std::vector<std::string>{});
    fs::remove(path_of(1));
    std::ofstream(path_of(2), std::ios::app) << "more";
    publish(4);
    EXPECT_THAT(
        problems(),
        UnorderedElementsAre(HasSubstr("'ie-cli emails remove --ids " + id_of(1).value),
                             HasSubstr("altered"), HasSubstr("isn't in quarantine.db; restart")));
    crash();
    SQLite::Database(database(), SQLite::OPEN_READWRITE)
        .exec(
            "UPDATE spaces SET bytes = bytes + 1; UPDATE mails SET sender = 'x' WHERE id LIKE "
            "'%3-d547%'");
    start();
    EXPECT_THAT(problems(), IsSupersetOf({HasSubstr("the space of alice"),
                                          HasSubstr("says otherwise than its file")}));
}

TEST_F(QuarantineRecovery, OnlyRootChecks) {
    const auto refused = *ask<store_checked>(quarantine_, check_store{}, from(alice));
    EXPECT_EQ(refused.failure().code, error_code::not_permitted);
    const auto beyond = *ask<store_checked>(quarantine_, check_store{1 << 20}, from(root));
    EXPECT_EQ(beyond.failure().code, error_code::bad_request);
}

// A database of the version before knows no sizes of files.
TEST_F(QuarantineRecovery, SizesThatAreNotKnownAreLookedUp) {
    ASSERT_TRUE(hold(hold_of(1)));
    crash();
    SQLite::Database(database(), SQLite::OPEN_READWRITE).exec("UPDATE mails SET file_bytes = 0");
    start();
    EXPECT_EQ(space_of("alice").used_bytes, bytes_of(1));
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

}  // namespace
}  // namespace ie
