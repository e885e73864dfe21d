// Incoming mail by day and account.
#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

#include "actors/statistics/calendar.hpp"
#include "tests/actor/statistics_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using namespace testing;

constexpr std::chrono::milliseconds flush{1'000};

// The server's calendar is New York's: a day begins there four or five hours after UTC's.
class StatisticsIncoming : public StatisticsActor {
  protected:
    StatisticsIncoming() {
        ::setenv("TZ", "America/New_York", 1);
        ::tzset();
    }
    ~StatisticsIncoming() override {
        ::unsetenv("TZ");
        ::tzset();
    }

    void come(const statistics_actor& statistics, std::vector<incoming_account> accounts,
              bool is_spam) {
        caf::anon_send(statistics,
                       mails_judged{{}, {{time_.now_ms(), std::move(accounts), is_spam}}});
        run();
    }
    outcome<incoming_stats> try_stats(const statistics_actor& statistics,
                                      const get_incoming_stats& query, const caller& who = root()) {
        return *ask<incoming_stats>(statistics, query, request_context{who, 0});
    }
    std::vector<incoming_day> days(const statistics_actor& statistics, const std::string& account,
                                   uint32_t count = 1) {
        return try_stats(statistics, {account_name{account}, count})->items;
    }
    std::string today() const { return date_text(calendar_day(time_.now_s())); }

    const incoming_account spam_of_alice{account_name{"alice"}, true};
    const incoming_account ham_of_bob{account_name{"bob"}, false};
};

TEST_F(StatisticsIncoming, CountsAMailOnceForTheServerAndForEachAccount) {
    const auto statistics = start();
    come(statistics, {spam_of_alice, ham_of_bob}, true);
    come(statistics, {ham_of_bob}, false);
    come(statistics, {}, true);  // nobody's is filtered
    for (int written = 0; written < 2; ++written) {
        EXPECT_THAT(days(statistics, "root"), ElementsAre(incoming_day{today(), 1, 1}));
        EXPECT_THAT(days(statistics, "Alice"), ElementsAre(incoming_day{today(), 1, 0}));
        EXPECT_THAT(days(statistics, "bob"), ElementsAre(incoming_day{today(), 0, 2}));
        advance(flush);
    }
}

TEST_F(StatisticsIncoming, IsKeptAndAddedTo) {
    auto statistics = start();
    come(statistics, {spam_of_alice}, true);
    stop(statistics);
    statistics = start();
    come(statistics, {spam_of_alice}, true);
    advance(flush);
    come(statistics, {spam_of_alice}, true);
    EXPECT_THAT(days(statistics, "alice"), ElementsAre(incoming_day{today(), 3, 0}));
}

TEST_F(StatisticsIncoming, ADayEndsAtMidnightOfTheServersCalendar) {
    const auto statistics = start();
    // To 23:59:59 in New York.
    const time_t now = time_.now_s();
    tm there{};
    ::localtime_r(&now, &there);
    const int64_t left_s = 86'400 - 3'600 * there.tm_hour - 60 * there.tm_min - there.tm_sec;
    time_.advance_ms((left_s - 1) * 1'000);
    const std::string yesterday = today();
    come(statistics, {spam_of_alice}, true);
    time_.advance_ms(1'000);
    EXPECT_NE(today(), yesterday);
    come(statistics, {ham_of_bob}, false);
    EXPECT_THAT(days(statistics, "root", 3),
                ElementsAre(incoming_day{today(), 0, 1}, incoming_day{yesterday, 1, 0},
                            incoming_day{date_text(calendar_day(time_.now_s()) - 2), 0, 0}));
}

TEST_F(StatisticsIncoming, AnOwnerSeesHisOwnOnly) {
    const auto statistics = start();
    come(statistics, {spam_of_alice, ham_of_bob}, true);
    EXPECT_EQ(try_stats(statistics, {{}, 1}, owner("alice"))->items[0].spam, 1U);
    for (const char* other : {"bob", "root"}) {
        EXPECT_EQ(try_stats(statistics, {account_name{other}, 1}, owner("alice")).failure().code,
                  error_code::not_permitted);
    }
}

TEST_F(StatisticsIncoming, BoundsTheDays) {
    const auto statistics = start();
    EXPECT_EQ(try_stats(statistics, {{}, 0}).failure().code, error_code::bad_request);
    EXPECT_EQ(try_stats(statistics, {{}, 401}).failure().code, error_code::bad_request);
    EXPECT_EQ(try_stats(statistics, {{}, 400})->items.size(), 400U);
}

TEST_F(StatisticsIncoming, ForgetsWhatIsOlderThanDaysAreKept) {
    const auto statistics = start();
    come(statistics, {spam_of_alice}, true);
    advance(flush);
    time_.advance_ms(int64_t{402} * 86'400'000);
    come(statistics, {ham_of_bob}, false);
    advance(flush);
    SQLite::Database database(path_, SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM incoming WHERE spam > 0").getInt(), 0);
    EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM incoming").getInt(), 2);
}

TEST(Calendar, WritesDatesAsPeopleDo) {
    EXPECT_EQ(date_text(0), "1970-01-01");
    EXPECT_EQ(date_text(20'783), "2026-11-26");
    EXPECT_EQ(date_text(-1), "1969-12-31");
}

}  // namespace
}  // namespace ie
