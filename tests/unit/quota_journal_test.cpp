#include "actors/rate_limiter/quota_journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "actors/rate_limiter/limiter_time.hpp"
#include "tests/support/temporary_folder.hpp"

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
        auto journal = quota_journal::open(folder.path("limits"), hour_ms,
                                           [this](const std::vector<journal_record>& batch) {
                                               read.insert(read.end(), batch.begin(), batch.end());
                                           });
        EXPECT_TRUE(journal) << journal.failure().what;
        return std::move(*journal);
    }
    static void append(quota_journal& journal, int64_t at_ms) {
        const auto done = journal.append(mail_at(at_ms), {at_ms, at_ms});
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
    size_t unnoticed = 0;
    for (size_t at = 0; at < whole.size(); ++at) {
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
    const auto refused = journal.append(mail_at(start_ms), {start_ms, start_ms});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_NE(refused.failure().what.find("No such file"), std::string::npos);
    std::filesystem::create_directory(folder.path("limits"));
    append(journal, start_ms + 1);
    open();
    EXPECT_EQ(times().size(), 1U);
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
        EXPECT_FALSE(journal.append(mail_at(start_ms), {start_ms, start_ms}));
    }
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    append(journal, start_ms + 1);
    EXPECT_EQ(files().size(), 1U);
    const quota_journal again = open();
    EXPECT_EQ(times(), (std::vector<int64_t>{start_ms, start_ms + 1}));
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

TEST(LimiterTime, NeverStartsBeforeTheLastRecordAndNeverAheadBecauseTheCalendarWentBack) {
    EXPECT_EQ(limiter_time(time_anchor{1'000, start_ms}, 1'500, start_ms, 7).now_ms(7), 1'500);
    EXPECT_EQ(limiter_time(time_anchor{1'000, start_ms}, 1'500, start_ms - hour_ms, 7).now_ms(7),
              1'500);
}

}  // namespace
}  // namespace ie
