// What was acknowledged outlasts a power cut, whatever the disk said no to before, and said once.
#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;
using ::testing::AllOf;

class QuarantineDurability : public QuarantineActor {
  protected:
    QuarantineDurability() {
        run();
        disk_.emplace(folder_.path());
        disk_->keep();
    }
    void start() {
        begin_engine();
        run();
    }
    void lose_power() {
        crash();
        disk_->lose_power();
    }
    // The next steps of that name, at paths with that part, fail; the one after them doesn't.
    void fail(const std::string& step, const std::string& part, int code, int times = 1) {
        fault_ = [=, left = times](const disk_step& at) mutable {
            const bool is_meant = at.name == step && at.path.find(part) != std::string_view::npos;
            return is_meant && left > 0 && left-- > 0 ? code : 0;
        };
    }
    void poll_until_recovery() {
        for (int i = 0; i < hold_recovery::polls_between; ++i) {
            advance(std::chrono::milliseconds(options_.poll_interval_ms));
        }
    }
    bool is_journal_empty() const {
        const auto begins = [this](const char* end) {
            return text_of_file(folder_.path("quarantine-journal") + end).starts_with("ie-hold");
        };
        return !begins(".0") && !begins(".1");
    }
};

using answers = std::vector<std::shared_ptr<std::optional<outcome<mail_held>>>>;

// Linux tells it once, for the descriptor: a second fsync says that all is well.
TEST_F(QuarantineDurability, AFileThatCouldNotBeSyncedIsNotAcknowledged) {
    for (const char* step : {"fsync_file", "fsync_folder"}) {
        fail(step, "/00", EIO);
        const answers held{begin_hold(hold_of(1), large_mail), begin_hold(hold_of(2))};
        run();
        EXPECT_FALSE(**held[0]) << step;
        EXPECT_TRUE(**held[1]) << step;
        lose_power();
        start();
        EXPECT_EQ(listed(root), ids{id_of(2)}) << step;
        ASSERT_TRUE(hold(hold_of(1), large_mail)) << step;  // Exim brings it again
        lose_power();
        start();
        EXPECT_EQ(show(1).bytes, large_mail) << step;
        crash();
        for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove_all(entry);
        start();
        disk_->keep();
    }
}

// Not with one of the next polls: until then nothing is taken.
TEST_F(QuarantineDurability, AFailedCheckpointThatAHoldMeetsIsSeenToAtOnce) {
    int number = 0;
    const auto hold_many = [&](size_t count) {
        answers held;
        for (size_t i = 0; i < count; ++i) {
            held.push_back(begin_hold(hold_of(number++)));
            if (held.size() % hold_queue::batch_mails_max == 0) run();
        }
        run();
        return std::all_of(held.begin(), held.end(), [](const auto& each) { return **each; });
    };
    ASSERT_TRUE(hold_many(hold_journal::segment_mails_max));
    fail("checkpoint", "", EIO);
    ASSERT_TRUE(hold_many(1)) << "begins it";
    EXPECT_FALSE(hold_many(hold_journal::segment_mails_max + 2 * hold_queue::batch_mails_max))
        << "meets its failure";
    EXPECT_TRUE(hold_many(1)) << "and is written anew";
}

// As many large mails as there are in one folder wait for one sync of it, and for its error.
TEST_F(QuarantineDurability, AFolderThatCouldNotBeSyncedIsSoForAllOfABatch) {
    fail("fsync_folder", "/00", EIO);
    const answers held{begin_hold(hold_of(1), large_mail), begin_hold(hold_of(2), large_mail)};
    steps_.clear();
    run();
    EXPECT_FALSE(**held[0]);
    EXPECT_FALSE(**held[1]);
    EXPECT_EQ(times("fsync_folder"), 1);
    lose_power();
    start();
    EXPECT_TRUE(listed(root).empty());
}

TEST_F(QuarantineDurability, WhatTheJournalRefusedTogetherIsTriedAlone) {
    fail("fsync", "quarantine-journal", EIO);
    const answers held{begin_hold(hold_of(1)), begin_hold(hold_of(2))};
    run();
    EXPECT_TRUE(**held[0]);
    EXPECT_TRUE(**held[1]);
    lose_power();
    start();
    EXPECT_EQ(listed(root).size(), 2U);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

// One can't be written back, one has its only copy under a temporary name.
class QuarantineWriteBack : public QuarantineDurability,
                            public ::testing::WithParamInterface<int> {};

TEST_P(QuarantineWriteBack, AMailThatCannotBeWrittenBackStopsNoOther) {
    begin_hold(hold_of(2), large_mail);
    ASSERT_TRUE(hold(hold_of(3), large_mail));
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(4)));
    lose_power();
    EXPECT_EQ(file_count(), 2U) << "the large ones, staged";
    fault_ = [](const disk_step& at) {
        const auto is = [&](const char* step, int number) {
            return at.name == step && at.path.find(id_of(number).value) < at.path.size();
        };
        return is("write", 1) || is("rename", 2) ? GetParam() : 0;
    };
    start();
    EXPECT_EQ(listed(root), (ids{id_of(4), id_of(3)}));
    EXPECT_EQ(show(3).bytes, large_mail);
    EXPECT_THAT(status().last_error, HasSubstr("2 held mails are in the journal only"));
    EXPECT_TRUE(hold(hold_of(5)));
    EXPECT_FALSE(hold(hold_of(2, {"more@far.test"}), large_mail));  // its copy stays as it is
    lose_power();  // once more, with what is carried
    start();
    EXPECT_EQ(listed(root), (ids{id_of(5), id_of(4), id_of(3)}));
    EXPECT_FALSE(hold(hold_of(2, {"more@far.test"}), large_mail));
    fault_ = nullptr;
    poll_until_recovery();
    EXPECT_EQ(listed(root), (ids{id_of(5), id_of(4), id_of(3), id_of(2), id_of(1)}));
    EXPECT_EQ(show(1).bytes, mail);
    EXPECT_EQ(show(2).bytes, large_mail);
    EXPECT_EQ(problems(), std::vector<std::string>{});
    lose_power();
    start();
    EXPECT_EQ(listed(root).size(), 5U);
    EXPECT_EQ(file_count(), 5U);
}

INSTANTIATE_TEST_SUITE_P(DiskIs, QuarantineWriteBack, ::testing::Values(ENOSPC, EIO));

TEST_F(QuarantineDurability, NothingStagedGoesWhileTheJournalIsNotSettled) {
    ASSERT_TRUE(hold(hold_of(1), large_mail));
    lose_power();
    std::ofstream(path_of(2) + ".new") << "nobody's";
    fault_ = [](const disk_step& at) {
        return at.name == "checkpoint" || at.name == "rename" ? EIO : 0;
    };
    start();
    EXPECT_TRUE(fs::exists(path_of(1) + ".new"));
    EXPECT_TRUE(fs::exists(path_of(2) + ".new"));
    EXPECT_FALSE(hold(hold_of(1), large_mail));
    EXPECT_TRUE(fs::exists(path_of(1) + ".new"));
    fault_ = nullptr;
    poll_until_recovery();
    EXPECT_EQ(show(1).bytes, large_mail);
    advance(std::chrono::milliseconds(options_.poll_interval_ms));
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(QuarantineDurability, ALargeMailWithoutItsBytesIsTold) {
    ASSERT_TRUE(hold(hold_of(1), large_mail));
    crash();
    fs::remove(path_of(1));
    SQLite::Database(folder_.path("quarantine.db"), SQLite::OPEN_READWRITE)
        .exec("DELETE FROM mails");
    start();
    EXPECT_THAT(status().last_error,
                AllOf(HasSubstr("mail " + id_of(1).value), HasSubstr("has no bytes")));
    EXPECT_TRUE(is_journal_empty());
    EXPECT_TRUE(hold(hold_of(2)));
}

// The engine that starts isn't told of what the disk refused to the one before.
TEST_F(QuarantineDurability, AStartAfterAFailedCheckpointWritesAnewWhatTheJournalHas) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2), large_mail));
    fail("checkpoint", "", EIO);
    restart();
    EXPECT_FALSE(hold(hold_of(3)));
    restart();
    EXPECT_TRUE(is_journal_empty());
    EXPECT_TRUE(hold(hold_of(3)));
    lose_power();
    start();
    EXPECT_EQ(listed(root), (ids{id_of(3), id_of(2), id_of(1)}));
    EXPECT_EQ(show(1).bytes, mail);
    EXPECT_EQ(show(2).bytes, large_mail);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

// An engine was killed after its file's sync had failed: what can be read of it is in memory only.
TEST_F(QuarantineDurability, AStagedFileIsWrittenAnewBeforeItIsTrusted) {
    crash();
    const hold_mail hold = hold_of(1);
    const auto store = mail_store::open(folder_.path("quarantine"));
    const auto staged = store->stage({hold.ticket.id,
                                      hold.ticket,
                                      hold.queue_id,
                                      hold.recipients,
                                      time_.now_ms(),
                                      large_mail.size(),
                                      {},
                                      digest_of(large_mail)},
                                     large_mail);
    auto journal = hold_journal::open(folder_.path("quarantine-journal"), {folder_.path()});
    ASSERT_TRUE(journal->append({{id_of(1), staged->head, {}, false}}));
    start();
    EXPECT_EQ(show(1).bytes, large_mail);
    lose_power();
    start();
    EXPECT_EQ(show(1).bytes, large_mail);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(QuarantineDurability, ACheckpointThatFailsInUseIsFollowedByWritingAnew) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2), large_mail));
    fail("checkpoint", "", EIO, 2);
    restart();
    EXPECT_FALSE(hold(hold_of(3)));
    poll_until_recovery();
    poll_until_recovery();
    ASSERT_TRUE(hold(hold_of(3)));
    lose_power();
    start();
    EXPECT_EQ(listed(root).size(), 3U);
    EXPECT_EQ(show(2).bytes, large_mail);
}

// Of a commit that was durable nothing may hang on one that the disk has refused.
TEST_F(QuarantineDurability, TheDatabasesLogIsWrittenAnewAsWell) {
    ASSERT_TRUE(hold(hold_of(1)));
    crash();
    steps_.clear();
    start();
    EXPECT_EQ(times("log"), 1);
    restart();  // with nothing in the journal
    EXPECT_EQ(times("log"), 1);
}

}  // namespace
}  // namespace ie
