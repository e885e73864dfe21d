#include "actors/statistics/statistics_actor.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

class StatisticsActor : public testing::actor_fixture {
  protected:
    statistics_actor start() {
        auto made = make_statistics(*system_, thread_use::shared, {path_, 1'000});
        EXPECT_TRUE(made) << (made ? "" : made.failure().what);
        return own(*made);
    }

    void stop(const statistics_actor& statistics) {
        caf::anon_send_exit(statistics, caf::exit_reason::user_shutdown);
        run();
    }

    void judge(const statistics_actor& statistics, verdict_action action) {
        mail_judged decision;
        decision.action = action;
        decision.ticket.received_at_ms = time_.now_ms();
        decision.recipient_count = 2;
        decision.size_bytes = 8'190;
        caf::anon_send(statistics, mails_judged{{decision}});
        run();
    }

    decision_counts counts(const statistics_actor& statistics) {
        const auto reply = ask<decision_counts>(statistics, counts_atom_v);
        EXPECT_TRUE(reply && *reply);
        return **reply;
    }

    // What another process reads from the disk now.
    int64_t messages_on_disk() {
        SQLite::Database database(path_, SQLite::OPEN_READONLY);
        return database.execAndGet("SELECT COALESCE(SUM(messages), 0) FROM decisions").getInt64();
    }

    testing::temporary_folder folder_;
    std::string path_ = folder_.path("statistics.db");
};

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
        judge(first, verdict_action::hold);
        stop(first);
    }
    const auto second = start();
    judge(second, verdict_action::hold);
    EXPECT_EQ(counts(second), (decision_counts{0, 2, 0, 0}));
}

TEST_F(StatisticsActor, KeepsWhatTheDiskRefusesAndWritesItLater) {
    const auto statistics = start();
    judge(statistics, verdict_action::hold);
    {
        SQLite::Database other(path_, SQLite::OPEN_READWRITE);
        other.exec("ALTER TABLE decisions RENAME TO elsewhere");
        advance(std::chrono::milliseconds(1'000));
        const auto status = ask<actor_status>(statistics, get_status{});
        EXPECT_EQ((*status)->state, actor_state::degraded);
        EXPECT_NE((*status)->last_error.find(path_), std::string::npos);
        EXPECT_EQ((*status)->queue, 1U);
        other.exec("ALTER TABLE elsewhere RENAME TO decisions");
    }
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 1);
    EXPECT_EQ((*ask<actor_status>(statistics, get_status{}))->state, actor_state::running);
}

TEST_F(StatisticsActor, RefusesADatabaseOfALaterVersion) {
    stop(start());
    SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    const auto made = make_statistics(*system_, thread_use::shared, {path_, 1'000});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure().code, error_code::conflict);
    EXPECT_NE(made.failure().what.find("schema 99"), std::string::npos);
}

}  // namespace
}  // namespace ie
