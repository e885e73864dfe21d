#include "actors/rate_limiter/quota_journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "actors/rate_limiter/limiter_time.hpp"
#include "tests/support/damages.hpp"

namespace ie {
namespace {

constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t start_ms = 1'795'333'986'123;

mail_counted mail_at(int64_t at_ms) {
    return {{at_ms, 2, {{1, 2}, {3, 4}, {5, 6}, {}}}};
}

class QuotaJournal : public ::testing::Test {
  protected:
    quota_journal open() {
        read.clear();
        return quota_journal::open(
            folder.path("limits"), hour_ms,
            [this](const std::vector<journal_record>& batch) {
                read.insert(read.end(), batch.begin(), batch.end());
            },
            [this](const disk_step& step) { return fault ? fault(step.name) : 0; });
    }
    static void append(quota_journal& journal, int64_t at_ms) {
        const auto done = journal.append({mail_at(at_ms)}, {at_ms, at_ms, {}});
        ASSERT_TRUE(done) << done.failure().what;
    }
    std::vector<int64_t> times() const {
        std::vector<int64_t> out;
        for (const auto& record : read) {
            if (const auto* mail = std::get_if<mail_counted>(&record)) {
                out.push_back(mail->reservation.at_ms);
            }
        }
        return out;
    }
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> out;
        for (const auto& each : std::filesystem::directory_iterator(folder.path("limits"))) {
            out.push_back(each.path());
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    testing::temporary_folder folder;
    std::vector<journal_record> read;
    std::function<int(std::string_view step)> fault;
};

TEST_F(QuotaJournal, GivesBackWhatWasWrittenWithoutBeingClosed) {
    quota_journal first = open();
    for (int64_t i = 0; i < 200; ++i) append(first, start_ms + i);
    const quota_journal second = open();
    ASSERT_EQ(times().size(), 200U);
    EXPECT_EQ(times().back(), start_ms + 199);
    EXPECT_EQ(second.found().last_ms, start_ms + 199);
    EXPECT_EQ(second.found().unreadable_bytes, 0U);
    EXPECT_EQ(second.found().anchor->wall_ms, start_ms);
}

TEST_F(QuotaJournal, DeletesWhatIsOlderThanTheSpan) {
    quota_journal journal = open();
    for (int64_t i = 0; i < 300; ++i) append(journal, start_ms + i * 60'000);
    EXPECT_LE(files().size(), 8U);
    open();
    const int64_t last_ms = start_ms + 299 * 60'000;
    ASSERT_FALSE(times().empty());
    EXPECT_LE(times().front(), last_ms - hour_ms);
    EXPECT_GT(times().front(), last_ms - 2 * hour_ms);
}

TEST_F(QuotaJournal, ReadsAsFarAsAFileIsWhole) {
    quota_journal journal = open();
    for (int64_t i = 0; i < 3; ++i) append(journal, start_ms + i);
    const auto path = files().back();
    const std::string whole = testing::text_of_file(path);
    size_t readable = 0;
    for (size_t size = 0; size <= whole.size(); ++size) {
        std::ofstream(path, std::ios::binary) << whole.substr(0, size);
        const quota_journal again = open();
        ASSERT_GE(times().size(), readable) << size;
        ASSERT_LT(again.found().unreadable_bytes, journal_record_bytes_max) << size;
        readable = times().size();
    }
    EXPECT_EQ(readable, 3U);
}

TEST_F(QuotaJournal, BelievesNoAlteredRecord) {
    quota_journal journal = open();
    append(journal, start_ms);
    const auto path = files().back();
    const std::string whole = testing::text_of_file(path);
    std::string anchor;
    append_record(anchor, time_anchor{start_ms, start_ms, {}});
    size_t unnoticed = 0;
    for (size_t at = anchor.size(); at < whole.size(); ++at) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 0x10);
        std::ofstream(path, std::ios::binary) << altered;
        open();
        if (times().size() == 1) ++unnoticed;
    }
    EXPECT_EQ(unnoticed, 0U);
}

TEST_F(QuotaJournal, AppendsBehindNoDamage) {
    quota_journal first = open();
    append(first, start_ms);
    std::ofstream(files().back(), std::ios::binary | std::ios::app) << "half a rec";
    quota_journal second = open();
    append(second, start_ms + 5);
    const quota_journal third = open();
    EXPECT_EQ(times(), (std::vector<int64_t>{start_ms, start_ms + 5}));
    EXPECT_EQ(third.found().unreadable_bytes, 10U);
}

TEST_F(QuotaJournal, SaysWhatTheDiskRefusesAndGoesOnAfterwards) {
    quota_journal journal = open();
    std::filesystem::remove_all(folder.path("limits"));
    const auto refused = journal.append({mail_at(start_ms)}, {start_ms, start_ms, {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_NE(refused.failure().what.find("No such file"), std::string::npos);
    std::filesystem::create_directory(folder.path("limits"));
    append(journal, start_ms + 1);
    open();
    EXPECT_EQ(times(), (std::vector<int64_t>{start_ms, start_ms + 1}));  // what waited, too
}

TEST_F(QuotaJournal, TakesBackHalfARecordThatADiskHadNoRoomForAndKeepsItsFile) {
    quota_journal journal = open();
    append(journal, start_ms);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit full{std::filesystem::file_size(files().back()) + 10, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(journal.append({mail_at(start_ms)}, {start_ms, start_ms, {}}));
    }
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    append(journal, start_ms + 1);
    EXPECT_EQ(files().size(), 1U);
    const quota_journal again = open();
    EXPECT_EQ(times(),
              (std::vector<int64_t>{start_ms, start_ms, start_ms, start_ms, start_ms + 1}));
    EXPECT_EQ(again.found().unreadable_bytes, 0U);
}

TEST_F(QuotaJournal, HasSomethingToSyncOnlyWhereSomethingWasWritten) {
    quota_journal journal = open();
    EXPECT_FALSE(journal.take_sync());
    append(journal, start_ms);
    const auto sync = journal.take_sync();
    ASSERT_TRUE(sync);
    EXPECT_TRUE(sync());
    EXPECT_FALSE(journal.take_sync());
}

TEST_F(QuotaJournal, KnowsTheBootOfItsAnchor) {
    const boot_time boot{boot_id_of("6ba7b810-9dad-41d1-80b4-00c04fd430c8"), 77'000};
    quota_journal journal = open();
    ASSERT_TRUE(journal.append({mail_at(start_ms)}, {start_ms, start_ms + 5, boot}));
    const quota_journal again = open();
    ASSERT_TRUE(again.found().anchor);
    EXPECT_EQ(again.found().anchor->wall_ms, start_ms + 5);
    EXPECT_EQ(again.found().anchor->boot.id, boot.id);
    EXPECT_EQ(again.found().anchor->boot.ms, boot.ms);
}

// Kind 1, at_ms, wall_ms, then their checksum: as versions without a boot have written it.
TEST_F(QuotaJournal, ReadsTheAnchorsOfEarlierVersions) {
    quota_journal journal = open();
    append(journal, start_ms);
    EXPECT_EQ(testing::text_of_file(files().back()).front(), '\x01');
    const quota_journal again = open();
    ASSERT_TRUE(again.found().anchor);
    EXPECT_FALSE(again.found().anchor->boot.is_known());
    EXPECT_EQ(times().size(), 1U);
}

// Behind something unreadable one that looks like a record may be chance.
TEST(RecordLayout, BehindDamageTwoInARowOrTheLastCount) {
    std::string one_record;
    append_record(one_record, mail_at(start_ms));
    int error = 0;
    record_layout layout;
    EXPECT_FALSE(layout.take(one_record + std::string(200, 'x'), 10, error));
    EXPECT_TRUE(layout.take(one_record + one_record, 10, error));
    EXPECT_TRUE(record_layout().take(one_record, 10, error)) << "the last of the file";
    EXPECT_TRUE(record_layout().take(one_record + "x", 0, error)) << "where one is expected";
}

TEST_F(QuotaJournal, PassesOverOtherFiles) {
    std::filesystem::create_directory(folder.path("limits"));
    folder.write("limits/notes.txt", "x");
    folder.write("limits/12x.journal", "x");
    open();
    EXPECT_TRUE(read.empty());
}

TEST(LimiterTime, GoesOnAsEvenlyAsTheSteadyClock) {
    const limiter_time time({}, 0, start_ms, 500);
    EXPECT_EQ(time.now_ms(500), start_ms);
    EXPECT_EQ(time.now_ms(1'500), start_ms + 1'000);
}

TEST(LimiterTime, TakesTheTimeAwayFromTheCalendar) {
    const limiter_time time(time_anchor{1'000, start_ms}, 1'500, start_ms + 60'000, 7);
    EXPECT_EQ(time.now_ms(7), 61'000);
}

TEST(LimiterTime, WithinOneBootTheMachineTellsTheTimeAway) {
    boot_time then{boot_id_of("0123456789abcdef0123456789abcdef"), 5'000};
    boot_time now = then;
    now.ms += 60'000;
    const time_anchor anchor{1'000, start_ms, then};
    for (const int64_t moved_ms : {-hour_ms, int64_t{0}, hour_ms}) {
        const limiter_time time(anchor, 1'500, start_ms + moved_ms, 7, now);
        EXPECT_EQ(time.now_ms(7), 61'000);
    }
}

TEST(LimiterTime, OverARebootTheCalendarTellsTheTimeAway) {
    const boot_time then{boot_id_of("0123456789abcdef0123456789abcdef"), 5'000};
    const boot_time now{boot_id_of("1123456789abcdef0123456789abcdef"), 900'000};
    const time_anchor anchor{1'000, start_ms, then};
    EXPECT_EQ(limiter_time(anchor, 1'500, start_ms + 60'000, 7, now).now_ms(7), 61'000);
    EXPECT_EQ(limiter_time(anchor, 1'500, start_ms + 60'000, 7).now_ms(7), 61'000);
    const boot_time earlier{then.id, 4'000};  // a snapshot of the machine was put back
    EXPECT_EQ(limiter_time(anchor, 1'500, start_ms + 60'000, 7, earlier).now_ms(7), 61'000);
}

TEST(LimiterTime, NeverStartsBeforeTheLastRecordAndNeverAheadBecauseTheCalendarWentBack) {
    EXPECT_EQ(limiter_time(time_anchor{1'000, start_ms}, 1'500, start_ms, 7).now_ms(7), 1'500);
    EXPECT_EQ(limiter_time(time_anchor{1'000, start_ms}, 1'500, start_ms - hour_ms, 7).now_ms(7),
              1'500);
}

class QuotaJournalTrouble : public QuotaJournal {
  protected:
    static constexpr int records = 50;

    void prepare() {
        quota_journal journal = open();
        for (int i = 0; i < records; ++i) append(journal, start_ms + i);
    }
    auto fails(std::string step, int code, int times_left = -1) {
        return [step = std::move(step), code,
                left = std::make_shared<int>(times_left)](std::string_view asked) {
            if (asked != step || *left == 0) return 0;
            --*left;
            return code;
        };
    }
    size_t named(std::string_view part) const {
        size_t count = 0;
        for (const auto& each : files()) count += each.string().find(part) != std::string::npos;
        return count;
    }
};

TEST_F(QuotaJournalTrouble, NoiseInTheMiddleCostsWhatItStandsOn) {
    prepare();
    const auto path = files().back().string();
    testing::write_noise(path, 1'000, 200);
    const std::string damaged = testing::text_of_file(path);
    {
        const quota_journal journal = open();
        EXPECT_GT(times().size(), records - 6U);
        EXPECT_LT(times().size(), size_t{records});
        EXPECT_EQ(times().back(), start_ms + records - 1);
        ASSERT_EQ(journal.found().set_aside.size(), 1U);
        const std::string& said = journal.found().set_aside[0];
        EXPECT_EQ(testing::text_of_file(said.substr(said.rfind(' ') + 1)), damaged);
    }
    const auto before = times();
    const quota_journal again = open();  // what could be read stands in its place
    EXPECT_EQ(times(), before);
    EXPECT_EQ(again.found().unreadable_bytes, 0U);
    EXPECT_TRUE(again.found().set_aside.empty());
    EXPECT_EQ(named(".damaged-"), 1U);
    EXPECT_EQ(named(".new"), 0U);
}

TEST_F(QuotaJournalTrouble, ASegmentOfNoiseIsSetAside) {
    prepare();
    testing::write_noise(files().back().string(), 0, 100'000);
    quota_journal journal = open();
    EXPECT_TRUE(times().empty());
    EXPECT_EQ(journal.found().set_aside.size(), 1U);
    append(journal, start_ms + 100);
    open();
    EXPECT_EQ(times(), std::vector<int64_t>{start_ms + 100});
}

TEST_F(QuotaJournalTrouble, ADiskErrorThatGoesAwayIsNone) {
    prepare();
    fault = fails("scan", EIO, 1);
    const quota_journal journal = open();
    EXPECT_EQ(times().size(), size_t{records});
    EXPECT_TRUE(journal.found().set_aside.empty());
}

TEST_F(QuotaJournalTrouble, ADiskErrorThatComesAgainSetsTheSegmentAside) {
    prepare();
    fault = fails("scan", EIO);
    quota_journal journal = open();
    EXPECT_TRUE(times().empty());
    EXPECT_EQ(journal.found().set_aside.size(), 1U);
    EXPECT_EQ(named(".damaged-"), 1U);
    fault = {};
    append(journal, start_ms + 100);
    open();
    EXPECT_EQ(times(), std::vector<int64_t>{start_ms + 100});
}

// A sector that can't be had costs no more than what stands on it.
TEST_F(QuotaJournalTrouble, WhatTheDiskCanStillGiveCounts) {
    prepare();
    fault = fails("scan", EIO, 4);  // all of it twice, and the first sector twice
    {
        const quota_journal journal = open();
        EXPECT_GT(times().size(), records - 20U);
        EXPECT_LT(times().size(), size_t{records});
        EXPECT_EQ(journal.found().set_aside.size(), 1U);
    }
    fault = {};
    const auto before = times();
    const quota_journal again = open();
    EXPECT_GE(times().size(), before.size()) << "what could be read stands in its place";
    EXPECT_TRUE(again.found().set_aside.empty());
}

TEST_F(QuotaJournalTrouble, ASegmentThatMayNotBeReadStaysAndCountsTheNextTime) {
    prepare();
    fault = fails("scan", EACCES);
    quota_journal journal = open();
    EXPECT_TRUE(times().empty());
    EXPECT_EQ(journal.found().unread.size(), 1U);
    EXPECT_TRUE(journal.found().set_aside.empty());
    fault = {};
    append(journal, start_ms + 100);
    open();
    EXPECT_EQ(times().size(), records + 1U);
}

TEST_F(QuotaJournalTrouble, ADirectoryInASegmentsPlaceIsPassedOver) {
    prepare();
    const auto path = files().back();
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    quota_journal journal = open();
    EXPECT_EQ(journal.found().unread.size(), 1U);
    for (int i = 0; i < 300; ++i) append(journal, start_ms + i * 60'000);
    EXPECT_LE(files().size(), 9U);
    open();
    EXPECT_GT(times().size(), 60U);
}

TEST_F(QuotaJournalTrouble, AFolderThatCantBeListedIsListedLater) {
    prepare();
    fault = fails("list", EACCES);
    quota_journal journal = open();
    EXPECT_EQ(journal.found().unread.size(), 1U);
    EXPECT_FALSE(journal.append({mail_at(start_ms + 100)}, {start_ms + 100, start_ms, {}}));
    fault = {};
    append(journal, start_ms + 101);
    EXPECT_EQ(files().size(), 2U);
    open();
    EXPECT_EQ(times().size(), records + 2U);
}

TEST_F(QuotaJournalTrouble, WhatTheDiskRefusesWaitsAndFillsNoFolder) {
    quota_journal journal = open();
    append(journal, start_ms);
    fault = fails("write", EIO);
    for (int i = 1; i < 3'000; ++i) {
        EXPECT_FALSE(journal.append({mail_at(start_ms + i)}, {start_ms + i, start_ms, {}}));
    }
    EXPECT_LE(files().size(), 5U);
    fault = {};
    append(journal, start_ms + 4'000);
    open();
    EXPECT_EQ(times().size(), 3'001U);
}

TEST_F(QuotaJournalTrouble, WhatWaitsIsBounded) {
    quota_journal journal = open();
    fault = fails("write", ENOSPC);
    const size_t too_many = quota_journal::waiting_bytes_max / 60;
    for (size_t i = 0; i < too_many; ++i) {
        (void)journal.append({mail_at(start_ms)}, {start_ms, start_ms, {}});
    }
    fault = {};
    const auto told = journal.append({mail_at(start_ms)}, {start_ms, start_ms, {}});
    ASSERT_FALSE(told);
    EXPECT_NE(told.failure().what.find("no room"), std::string::npos);
    append(journal, start_ms);
    EXPECT_LE(std::filesystem::file_size(files().back()), quota_journal::waiting_bytes_max + 1'000);
}

TEST_F(QuotaJournalTrouble, AFailedSyncIsTheLastOfItsSegment) {
    quota_journal journal = open();
    append(journal, start_ms);
    fault = fails("fsync", EIO, 1);
    EXPECT_FALSE(journal.take_sync()());
    journal.tell_failed_sync();
    append(journal, start_ms + 1);
    EXPECT_EQ(files().size(), 2U);
    EXPECT_TRUE(journal.take_sync()());
    open();
    EXPECT_EQ(times().size(), 2U);
}

TEST_F(QuotaJournalTrouble, TwoRecordsAreOneWrite) {
    quota_journal journal = open();
    append(journal, start_ms);
    int writes = 0;
    fault = [&](std::string_view step) {
        writes += step == "write" ? 1 : 0;
        return 0;
    };
    const mail_given_back back{mail_at(start_ms).reservation, start_ms + 5};
    ASSERT_TRUE(journal.append({mail_at(start_ms + 5), back}, {start_ms + 5, start_ms + 5, {}}));
    EXPECT_EQ(writes, 1);
}

}  // namespace
}  // namespace ie
