#include <gtest/gtest.h>

#include "actors/rate_limiter/object_table.hpp"
#include "actors/rate_limiter/sliding_window.hpp"

namespace ie {
namespace {

constexpr window_rule hour{3'600'000, 1'000};
constexpr int64_t start_ms = 1'795'333'986'123;

class SlidingWindow : public ::testing::Test {
  protected:
    uint64_t count(int64_t at_ms) { return window_.count(hour, at_ms, pool_).messages; }
    void add(int64_t at_ms, uint32_t recipients = 1) {
        window_.add(hour, at_ms, recipients, pool_);
    }
    void take_back(int64_t sent_ms, int64_t now_ms, uint32_t recipients = 1) {
        window_.take_back(hour, sent_ms, recipients, now_ms, pool_);
    }

    run_pool pool_;
    sliding_window window_;
};

TEST_F(SlidingWindow, ForgetsAMailAtTheMillisecondItIsAnHourOld) {
    add(start_ms);
    EXPECT_EQ(count(start_ms + hour.span_ms - 1), 1U);
    EXPECT_EQ(count(start_ms + hour.span_ms), 0U);
}

TEST_F(SlidingWindow, KeepsMailsOfOneSecondUntilTheLastOfThemIsAnHourOld) {
    const int64_t second_ms = start_ms - start_ms % 1'000;
    add(second_ms + 100);
    add(second_ms + 900);
    EXPECT_EQ(count(second_ms + 900 + hour.span_ms - 1), 2U);
    EXPECT_EQ(count(second_ms + 900 + hour.span_ms), 0U);
}

TEST_F(SlidingWindow, CountsRecipientsBesideMails) {
    add(start_ms, 5);
    add(start_ms + 2'000, 7);
    EXPECT_EQ(window_.count(hour, start_ms + 2'000, pool_), (sent_counts{2, 12}));
    EXPECT_EQ(window_.count(hour, start_ms + hour.span_ms, pool_), (sent_counts{1, 7}));
}

TEST_F(SlidingWindow, ForgetsOneSecondAfterTheOtherOfABusyHour) {
    constexpr int64_t seconds = 3'600;
    for (int64_t i = 0; i < seconds; ++i) add(start_ms + i * 1'000);
    for (int64_t i = 0; i < seconds; ++i) {
        const int64_t at_ms = start_ms + i * 1'000 + hour.span_ms;
        ASSERT_EQ(count(at_ms - 1), static_cast<uint64_t>(seconds - i));
        ASSERT_EQ(count(at_ms), static_cast<uint64_t>(seconds - i - 1));
    }
    EXPECT_TRUE(window_.empty());
}

TEST_F(SlidingWindow, TakesBackFromAnySecondOfTheHour) {
    constexpr int64_t seconds = 50;
    for (int64_t i = 0; i < seconds; ++i) add(start_ms + i * 1'000);
    const int64_t now_ms = start_ms + seconds * 1'000;
    for (const int64_t i : {49, 48, 47, 20, 0}) take_back(start_ms + i * 1'000, now_ms);
    EXPECT_EQ(count(now_ms), 45U);
    EXPECT_EQ(count(start_ms + hour.span_ms), 45U);  // the first was taken back
    EXPECT_EQ(count(start_ms + 1'000 + hour.span_ms), 44U);
}

TEST_F(SlidingWindow, TakingBackWhatIsForgottenOrNeverWasChangesNothing) {
    add(start_ms);
    take_back(start_ms - 5'000, start_ms);
    take_back(start_ms, start_ms, 2);  // more recipients than there were
    EXPECT_EQ(count(start_ms), 1U);
    take_back(start_ms, start_ms);
    take_back(start_ms, start_ms);
    EXPECT_EQ(count(start_ms), 0U);
    take_back(start_ms, start_ms + 2 * hour.span_ms);
    EXPECT_EQ(count(start_ms + 2 * hour.span_ms), 0U);
}

TEST_F(SlidingWindow, GoesOnOverTheEndOfItsShortTime) {
    constexpr int64_t wrap_ms = 1'795'333'986'123 / (1LL << 32) * (1LL << 32);
    add(wrap_ms - 2'000);
    add(wrap_ms + 2'000);
    EXPECT_EQ(count(wrap_ms - 2'000 + hour.span_ms - 1), 2U);
    EXPECT_EQ(count(wrap_ms - 2'000 + hour.span_ms), 1U);
    EXPECT_EQ(count(wrap_ms + 2'000 + hour.span_ms), 0U);
}

TEST_F(SlidingWindow, GivesItsBlocksBack) {
    for (int64_t i = 0; i < 1'000; ++i) add(start_ms + i * 1'000);
    window_.clear(pool_);
    EXPECT_TRUE(window_.empty());
    const uint32_t first = pool_.take();
    EXPECT_LT(first, 1'000U / run_pool::block_runs);
}

object_key key_of(uint64_t number) {
    // Homes that collide and lie around the table's end.
    return {number << 32 | number, number % 7 == 0 ? UINT64_MAX : number % 13};
}

TEST(ObjectTable, FindsWhatIsThereAfterAnyAddingAndRemoving) {
    object_table table;
    std::vector<uint64_t> there;
    uint64_t state = 7;
    const auto random = [&](size_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<size_t>(state >> 33) % below;
    };
    for (uint64_t number = 1; number < 4'000; ++number) {
        ASSERT_EQ(table.find(key_of(number)), object_table::none);
        ASSERT_EQ(table.add({key_of(number), {}, {}, false, 0, 0}), there.size());
        there.push_back(number);
        if (random(3) > 0) continue;
        const size_t gone = random(there.size());
        ASSERT_EQ(table.find(key_of(there[gone])), gone);
        table.remove(static_cast<uint32_t>(gone));
        ASSERT_EQ(table.find(key_of(there[gone])), object_table::none);
        there[gone] = there.back();
        there.pop_back();
    }
    for (size_t place = 0; place < there.size(); ++place) {
        ASSERT_EQ(table.find(key_of(there[place])), place);
    }
    EXPECT_EQ(table.size(), there.size());
}

}  // namespace
}  // namespace ie
