// What is counted, and what of it is on disk when.
#include "tests/actor/statistics_fixture.hpp"

namespace ie {
namespace {

using namespace testing;

TEST_F(StatisticsActor, CountsEachDecisionByItsKind) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    judge(statistics, verdict_action::accept);
    judge(statistics, verdict_action::hold);
    judge(statistics, verdict_action::defer);
    judge(statistics, verdict_action::refuse);
    EXPECT_EQ(counts(statistics), (decision_counts{2, 1, 1, 1}));
}

TEST_F(StatisticsActor, IsDurableAfterOneFlushInterval) {
    const auto statistics = start();
    judge(statistics, verdict_action::hold);
    EXPECT_EQ(messages_on_disk(), 0);
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 1);
    judge(statistics, verdict_action::hold);
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 2);
}

TEST_F(StatisticsActor, WritesWhatIsLeftWhenItStops) {
    auto statistics = start();
    judge(statistics, verdict_action::accept);
    stop(statistics);
    EXPECT_EQ(messages_on_disk(), 1);
}

TEST_F(StatisticsActor, GoesOnCountingAfterARestart) {
    {
        const auto first = start();
        judge(first, verdict_action::accept);
        stop(first);
    }
    const auto second = start();
    EXPECT_EQ(messages(second), 1U);
    judge(second, verdict_action::accept);
    EXPECT_EQ(messages(second), 2U);
    EXPECT_EQ(counts(second), (decision_counts{2, 0, 0, 0}));
}

TEST_F(StatisticsActor, ForgetsIdleObjectsUnderAReportThatIsInWork) {
    bounds_.objects = 16;
    const auto statistics = start();
    for (int i = 0; i < 5; ++i) {
        tell(statistics, mail_of("gone", std::to_string(i) + "@gone.test"));
    }
    for (int i = 0; i < 4; ++i) advance(std::chrono::hours(24 * 365));
    tell(statistics, mail_of("mws", "alice@mws.test", verdict_action::hold));
    set_policy([](mail_policy& policy) { policy.default_limits.fill(5); });
    const auto size = [&] { return (*ask<actor_status>(statistics, get_status{}))->detail; };
    EXPECT_EQ(size(), "10 sender objects");
    before_answer_ = [&] { caf::anon_send(statistics, flush_atom_v); };
    for (int i = 0; i < 2; ++i) {
        const auto report = try_activity(statistics, {}, owner("mws"));
        ASSERT_TRUE(report);
        ASSERT_EQ(report->accounts.size(), 1U);
        EXPECT_EQ(report->accounts[0].object, "mws");
        EXPECT_EQ(report->accounts[0].quarantined, 1U);
        EXPECT_EQ(report->accounts[0].last_held.sender, "alice@mws.test");
        EXPECT_EQ(size(), "3 sender objects");
    }
    stop(statistics);
    EXPECT_EQ((*ask<actor_status>(start(), get_status{}))->detail, "3 sender objects");
}

TEST_F(StatisticsActor, KeepsWhatTheDiskRefusesAndWritesItLater) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    {
        SQLite::Database other(path_, SQLite::OPEN_READWRITE);
        other.exec("ALTER TABLE daily RENAME TO elsewhere");
        advance(std::chrono::milliseconds(1'000));
        const auto status = ask<actor_status>(statistics, get_status{});
        EXPECT_EQ((*status)->state, actor_state::degraded);
        EXPECT_NE((*status)->last_error.find(path_), std::string::npos);
        EXPECT_EQ((*status)->queue, 1U);
        EXPECT_EQ(messages(statistics), 1U);
        other.exec("ALTER TABLE elsewhere RENAME TO daily");
    }
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 1);
    EXPECT_EQ(messages(statistics), 1U);
    EXPECT_EQ((*ask<actor_status>(statistics, get_status{}))->state, actor_state::running);
}

TEST_F(StatisticsActor, WritesNothingTwiceOnceTheDiskTakesItAgain) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    SQLite::Database other(path_, SQLite::OPEN_READWRITE);
    // The blocks are written by then; all of the flush must be undone.
    other.exec("ALTER TABLE marks RENAME TO elsewhere");
    advance(std::chrono::seconds(90));
    other.exec("ALTER TABLE elsewhere RENAME TO marks");
    advance(std::chrono::seconds(1));
    EXPECT_EQ(messages(statistics), 1U);
    EXPECT_EQ(counts(statistics), (decision_counts{1, 0, 0, 0}));
}

TEST_F(StatisticsActor, LeavesADatabaseOfALaterVersionAsItIsAndSaysSo) {
    stop(start());
    SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    EXPECT_EQ(status(statistics).state, actor_state::degraded);
    EXPECT_NE(status(statistics).last_error.find("schema 99"), std::string::npos);
    stop(statistics);
    EXPECT_EQ(messages_on_disk(), 0);
}

TEST_F(StatisticsActor, TakesOverTheDecisionsOfTheFirstVersion) {
    {
        SQLite::Database old(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        old.exec(
            "CREATE TABLE decisions (hour INTEGER NOT NULL, action INTEGER NOT NULL, messages "
            "INTEGER NOT NULL, recipients INTEGER NOT NULL, size_bytes INTEGER NOT NULL, PRIMARY "
            "KEY (hour, action)) WITHOUT ROWID;"
            "INSERT INTO decisions VALUES (480000, 0, 5, 6, 700), (480001, 0, 2, 2, 100),"
            " (480001, 1, 3, 3, 50), (480030, 3, 1, 1, 9);"
            "PRAGMA user_version = 1");
    }
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    EXPECT_EQ(counts(statistics), (decision_counts{8, 3, 0, 1}));
    SQLite::Database database(path_, SQLite::OPEN_READONLY);
    SQLite::Statement day(
        database, "SELECT messages, size_bytes FROM daily WHERE day = 20000 AND action = 0");
    ASSERT_TRUE(day.executeStep());
    EXPECT_EQ(day.getColumn(0).getInt64(), 7);
    EXPECT_EQ(day.getColumn(1).getInt64(), 800);
}

TEST_F(StatisticsActor, CountsDecisionsByReasonAndDay) {
    const auto statistics = start();
    mail_judged mail = mail_of("mws", "alice@mws.test", verdict_action::hold);
    mail.ticket.reasons = {hold_reason::spam, hold_reason::ratelimit};
    tell(statistics, mail);
    stop(statistics);
    SQLite::Database database(path_, SQLite::OPEN_READONLY);
    SQLite::Statement row(database, "SELECT day, direction, action, reasons, messages FROM daily");
    ASSERT_TRUE(row.executeStep());
    const int64_t expected[] = {start_ms / 86'400'000, 0, 1, 5, 1};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(row.getColumn(i).getInt64(), expected[i]) << i;
}

}  // namespace
}  // namespace ie
