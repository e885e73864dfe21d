// What becomes of the counts where statistics.db is damaged, or can't be had.
#include "tests/actor/statistics_fixture.hpp"

#include <gmock/gmock.h>

#include "tests/support/damages.hpp"
#include "tests/support/faulty_disk.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds a_flush{1};

class StatisticsDisk : public StatisticsActor {
  protected:
    StatisticsDisk() {
        const auto statistics = start();
        for (int i = 0; i < 300; ++i) {
            tell(statistics, mail_of("mws", std::to_string(i) + "@mws.test"));
        }
        stop(statistics);
        put_into_one_file(path_);
    }

    // As good as new, and says what it has set aside.
    void expect_begun_anew(const statistics_actor& statistics) {
        EXPECT_EQ(set_aside(path_).size(), 1U);
        EXPECT_EQ(status(statistics).state, actor_state::running);
        EXPECT_THAT(status(statistics).detail, HasSubstr(set_aside(path_).at(0)));
        EXPECT_EQ(counts(statistics), decision_counts{});
        judge(statistics, verdict_action::hold);
        EXPECT_EQ(counts(statistics), (decision_counts{0, 1, 0, 0}));
    }
    void expect_degraded(const statistics_actor& statistics, const std::string& why) {
        EXPECT_EQ(status(statistics).state, actor_state::degraded);
        EXPECT_THAT(status(statistics).last_error, HasSubstr(why));
        EXPECT_THAT(set_aside(path_), IsEmpty());
    }
    // Pages that no look at the start has read.
    void damage_in_use(const statistics_actor& statistics) {
        advance(a_flush);
        SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
        (void)statistics;
        write_noise(path_, 4'096, fs::file_size(path_) - 4'096);
    }
};

TEST_F(StatisticsDisk, NoiseIsSetAsideAndBegunAnew) {
    write_noise(path_, 0, 20'000);
    expect_begun_anew(start());
}

TEST_F(StatisticsDisk, OneThatIsCutIsSetAsideAndBegunAnew) {
    cut_off(path_, fs::file_size(path_) / 2);
    expect_begun_anew(start());
}

TEST_F(StatisticsDisk, ObjectsThatStandInNoTreeAreSetAside) {
    SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE objects SET parent = 3");
    expect_begun_anew(start());
}

TEST_F(StatisticsDisk, ADirectoryInItsPlaceStaysAndIsWaitedFor) {
    fs::rename(path_, path_ + ".kept");
    fs::create_directory(path_);
    const auto statistics = start();
    expect_degraded(statistics, "unable to open");
    judge(statistics, verdict_action::hold);
    EXPECT_FALSE(try_activity(statistics, {}, root()));
    advance(std::chrono::seconds(10));
    EXPECT_EQ(status(statistics).queue, 1U);
    fs::remove(path_);
    fs::rename(path_ + ".kept", path_);
    advance(std::chrono::seconds(5));
    EXPECT_EQ(status(statistics).state, actor_state::running);
    EXPECT_EQ(counts(statistics), (decision_counts{300, 1, 0, 0}));
}

TEST_F(StatisticsDisk, WhatWasCountedMeanwhileHasTheFilesNumbers) {
    fs::rename(path_, path_ + ".kept");
    fs::create_directory(path_);
    const auto statistics = start();
    tell(statistics, mail_of("other", "x@other.test", verdict_action::hold));
    tell(statistics, mail_of("mws", "7@mws.test"));
    fs::remove(path_);
    fs::rename(path_ + ".kept", path_);
    advance(std::chrono::seconds(5));
    const auto report = activity(statistics);
    ASSERT_EQ(report.accounts.size(), 2U);
    EXPECT_EQ(report.accounts[0].object, "mws");
    EXPECT_EQ(report.accounts[0].messages, 301U);
    EXPECT_EQ(report.accounts[1].object, "other");
    EXPECT_EQ(report.accounts[1].quarantined, 1U);
    const auto own = try_activity(statistics, {}, owner("other"));
    ASSERT_TRUE(own);
    EXPECT_EQ(own->accounts.at(0).last_held.sender, "x@other.test");
}

TEST_F(StatisticsDisk, OneThatIsLockedStaysAndIsWaitedFor) {
    std::optional<SQLite::Database> other(std::in_place, path_, SQLite::OPEN_READWRITE);
    other->exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const auto statistics = start();
    expect_degraded(statistics, "locked");
    other.reset();
    advance(std::chrono::seconds(5));
    EXPECT_EQ(status(statistics).state, actor_state::running);
    EXPECT_EQ(counts(statistics), (decision_counts{300, 0, 0, 0}));
}

TEST_F(StatisticsDisk, DamageThatAQueryMeetsIsSetAsideWithoutARestart) {
    const auto statistics = start();
    damage_in_use(statistics);
    const auto report = try_activity(statistics, {}, root());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.failure().code, error_code::storage_failed);
    judge(statistics, verdict_action::hold);  // in the same second
    advance(a_flush);
    EXPECT_EQ(set_aside(path_).size(), 1U);
    EXPECT_THAT(status(statistics).detail, HasSubstr(set_aside(path_).at(0)));
    EXPECT_EQ(counts(statistics), (decision_counts{0, 1, 0, 0}));
    const auto anew = activity(statistics);
    EXPECT_EQ(anew.accounts.at(0).object, "mws");
    stop(statistics);
    EXPECT_EQ(counts(start()), (decision_counts{0, 1, 0, 0}));
}

TEST_F(StatisticsDisk, DamageThatAWriteMeetsLosesNothingOfWhatIsNew) {
    const auto statistics = start();
    damage_in_use(statistics);
    for (int i = 0; i < 5; ++i) {
        judge(statistics, verdict_action::accept);
        advance(a_flush);
    }
    EXPECT_EQ(set_aside(path_).size(), 1U);
    EXPECT_EQ(counts(statistics), (decision_counts{5, 0, 0, 0}));
}

TEST_F(StatisticsDisk, ADiskErrorAtTheStartThatComesAgainSetsItAside) {
    int left = 2;
    const faulty_disk disk([&](std::string_view step, const std::string& path) {
        return step == "read" && path == path_ && left-- > 0 ? EIO : 0;
    });
    expect_begun_anew(start());
}

TEST_F(StatisticsDisk, ADiskErrorAtTheStartThatGoesAwayIsNone) {
    int left = 1;
    const faulty_disk disk([&](std::string_view step, const std::string& path) {
        return step == "read" && path == path_ && left-- > 0 ? EIO : 0;
    });
    EXPECT_EQ(counts(start()), (decision_counts{300, 0, 0, 0}));
    EXPECT_LT(left, 0);
    EXPECT_THAT(set_aside(path_), IsEmpty());
}

TEST_F(StatisticsDisk, ADiskErrorInUseThatGoesAwayIsNone) {
    faulty_disk disk({});
    const auto statistics = start();
    for (int i = 0; i < 3; ++i) {
        disk.set(faulty_disk::on("write", "-wal"));
        judge(statistics, verdict_action::accept);
        advance(a_flush);
        expect_degraded(statistics, "disk I/O error");
        disk.set({});
        advance(a_flush);
        EXPECT_EQ(status(statistics).state, actor_state::running);
    }
    EXPECT_EQ(counts(statistics), (decision_counts{303, 0, 0, 0}));
}

TEST_F(StatisticsDisk, ADiskErrorInUseThatComesAgainSetsItAside) {
    faulty_disk disk({});
    const auto statistics = start();
    disk.set(faulty_disk::on("write", "-wal"));
    judge(statistics, verdict_action::accept);
    for (int i = 0; i < 2; ++i) advance(a_flush);
    disk.set({});
    advance(std::chrono::seconds(5));
    EXPECT_EQ(set_aside(path_).size(), 1U);
    EXPECT_EQ(counts(statistics), (decision_counts{1, 0, 0, 0}));
}

TEST_F(StatisticsDisk, ADiskThatIsBrokenForGoodFillsNoFolder) {
    faulty_disk disk({});
    const auto statistics = start();
    disk.set(faulty_disk::on("write", "-wal"));
    for (int i = 0; i < 118; ++i) {
        judge(statistics, verdict_action::accept);
        advance(a_flush);
    }
    EXPECT_LE(set_aside(path_).size(), 2U);
    EXPECT_EQ(status(statistics).state, actor_state::degraded);
    EXPECT_EQ(status(statistics).queue, 118U);
}

}  // namespace
}  // namespace ie
