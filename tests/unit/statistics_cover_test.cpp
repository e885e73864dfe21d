#include "actors/statistics/cover.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ie {
namespace {

constexpr int64_t minute = 60;
constexpr int64_t hour = 3'600;
constexpr int64_t day = 86'400;
constexpr int64_t now = 20'000 * day + 7 * hour + 53 * minute + 6;

// Everything is there, and made up to now.
all_marks complete(int64_t until_s) {
    all_marks marks;
    for (size_t i = 0; i < levels; ++i) {
        marks[i].made_until_s = period_start(until_s, rollup_levels[i].period_s);
    }
    return marks;
}

bool is_there(const block_range& range, const all_marks& marks) {
    return range.from_s >= marks[range.level].gone_until_s &&
           (range.level == 0 || range.until_s <= marks[range.level].made_until_s);
}

// What makes it a cover at all, whatever the marks are.
void expect_whole(const time_cover& cover, const all_marks& marks) {
    int64_t at_s = cover.from_s;
    for (const block_range& range : cover.ranges) {
        const int64_t period_s = rollup_levels[range.level].period_s;
        EXPECT_EQ(range.from_s, at_s);
        EXPECT_GT(range.until_s, range.from_s);
        EXPECT_EQ(range.from_s % period_s, 0);
        EXPECT_EQ(range.until_s % period_s, 0);
        EXPECT_TRUE(is_there(range, marks));
        at_s = range.until_s;
    }
    EXPECT_EQ(cover.until_s, at_s);
}

int64_t blocks_in(const time_cover& cover) {
    int64_t blocks = 0;
    for (const block_range& range : cover.ranges) {
        blocks += (range.until_s - range.from_s) / rollup_levels[range.level].period_s;
    }
    return blocks;
}

// The fewest blocks that make up [from_s, until_s) exactly, and that there are; found second by
// second.
int64_t fewest_blocks(int64_t from_s, int64_t until_s, const all_marks& marks) {
    constexpr int64_t never = 1'000'000;
    std::vector<int64_t> fewest(static_cast<size_t>(until_s - from_s) + 1, never);
    fewest[0] = 0;
    for (int64_t end = from_s + 1; end <= until_s; ++end) {
        for (size_t level = 0; level < levels; ++level) {
            const int64_t start = end - rollup_levels[level].period_s;
            if (start < from_s || start % rollup_levels[level].period_s != 0) continue;
            if (!is_there({level, start, end}, marks)) continue;
            int64_t& best = fewest[static_cast<size_t>(end - from_s)];
            best = std::min(best, fewest[static_cast<size_t>(start - from_s)] + 1);
        }
    }
    return fewest.back() == never ? -1 : fewest.back();
}

TEST(StatisticsCover, TakesDaysInsideAndFinerBlocksAtTheEdges) {
    const time_cover cover = cover_of(now - 3 * day, now + 1, complete(now));
    const int64_t today = period_start(now, day);
    const int64_t first_minute = period_start(now, minute) - 3 * day + minute;
    const int64_t first_hour = period_start(now, hour) - 3 * day + hour;
    EXPECT_EQ(cover.ranges,
              (std::vector<block_range>{{0, now - 3 * day, first_minute},
                                        {1, first_minute, first_hour},
                                        {2, first_hour, today - 2 * day},
                                        {3, today - 2 * day, today},
                                        {2, today, period_start(now, hour)},
                                        {1, period_start(now, hour), period_start(now, minute)},
                                        {0, period_start(now, minute), now + 1}}));
}

TEST(StatisticsCover, GoesOutwardWhereTheFinerBlocksAreGone) {
    all_marks marks = complete(now);
    marks[0].gone_until_s = period_start(now, minute) - 2 * hour;
    EXPECT_EQ(cover_of(now - hour, now + 1, marks).from_s, now - hour);
    EXPECT_EQ(cover_of(now - day, now + 1, marks).from_s, period_start(now, minute) - day);
    marks[1].gone_until_s = period_start(now, hour) - 2 * day;
    EXPECT_EQ(cover_of(now - 3 * day, now + 1, marks).from_s, period_start(now, hour) - 3 * day);
    marks[2].gone_until_s = period_start(now, day) - 5 * day;
    EXPECT_EQ(cover_of(now - 9 * day, now + 1, marks).from_s, period_start(now, day) - 9 * day);
    marks[3].gone_until_s = period_start(now, day) - 20 * day;
    EXPECT_EQ(cover_of(now - 30 * day, now + 1, marks).from_s, marks[3].gone_until_s);
}

TEST(StatisticsCover, NeedsFewStepsHoweverLongTheStretch) {
    const auto cover = cover_of(0, now + 1, complete(now));
    EXPECT_LE(cover.ranges.size(), 2 * levels);
    expect_whole(cover, complete(now));
    // Nothing is made yet: a clock has jumped by years.
    EXPECT_EQ(cover_of(0, now, {}).ranges, (std::vector<block_range>{{0, 0, now}}));
}

TEST(StatisticsCover, CoversNothingOfAnEmptyStretch) {
    EXPECT_TRUE(cover_of(now, now, complete(now)).ranges.empty());
}

TEST(StatisticsCover, TakesTheFewestBlocksForAnyStretch) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 60; ++i) {
        const auto until = now + static_cast<int64_t>(random() % day);
        const int64_t from = until - static_cast<int64_t>(random() % (4 * day));
        const all_marks marks = complete(now - static_cast<int64_t>(random() % (2 * day)));
        const auto cover = cover_of(from, until, marks);
        expect_whole(cover, marks);
        EXPECT_EQ(cover.from_s, from);
        EXPECT_EQ(cover.until_s, until);
        EXPECT_EQ(blocks_in(cover), fewest_blocks(from, until, marks)) << from << ' ' << until;
    }
}

// A level is dropped only where the next is made; beyond that any marks may be.
all_marks random_marks(std::mt19937_64& random) {
    all_marks marks = complete(now - static_cast<int64_t>(random() % (2 * day)));
    for (size_t i = 0; i < levels; ++i) {
        const int64_t made_s = marks[std::min(i + 1, levels - 1)].made_until_s;
        const auto ago = static_cast<int64_t>(random() % (6 * day));
        marks[i].gone_until_s = period_start(made_s - ago, rollup_levels[i].period_s);
    }
    return marks;
}

TEST(StatisticsCover, MovesAnEdgeByLessThanThePeriodThatIsThere) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 20'000; ++i) {
        const auto until = now + 1 - static_cast<int64_t>(random() % (3 * day));
        const int64_t from = until - static_cast<int64_t>(random() % (6 * day));
        const all_marks marks = random_marks(random);
        const auto cover = cover_of(from, until, marks);
        expect_whole(cover, marks);
        if (cover.ranges.empty()) continue;
        int64_t oldest = now;
        for (const level_marks& each : marks) oldest = std::min(oldest, each.gone_until_s);
        if (from < oldest) {
            EXPECT_GE(cover.from_s, oldest);
        } else {
            EXPECT_LE(cover.from_s - from, day);
            EXPECT_LT(from - cover.from_s, day);
        }
        EXPECT_GE(cover.until_s, until);
        EXPECT_LT(cover.until_s - until, day);
        EXPECT_TRUE(cover.from_s == from || from < marks[0].gone_until_s);
        EXPECT_TRUE(cover.until_s == until || period_start(until, day) < marks[0].gone_until_s);
    }
}

}  // namespace
}  // namespace ie
