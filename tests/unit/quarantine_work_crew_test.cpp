#include "actors/quarantine/store/work_crew.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

namespace ie {
namespace {

// Where so many must be at once. Who waits too long gives up, and the meeting has failed.
class meeting {
  public:
    explicit meeting(int expected) : missing_(expected) {}

    void come() {
        std::unique_lock lock(mutex_);
        --missing_;
        all_here_.notify_all();
        wait(lock);
    }
    bool succeeds() {
        std::unique_lock lock(mutex_);
        wait(lock);
        return !failed_;
    }

  private:
    void wait(std::unique_lock<std::mutex>& lock) {
        const auto are_here = [this] { return missing_ <= 0; };
        if (!all_here_.wait_for(lock, std::chrono::seconds(10), are_here)) failed_ = true;
    }

    std::mutex mutex_;
    std::condition_variable all_here_;
    int missing_;
    bool failed_ = false;
};

TEST(WorkCrew, AllIsDoneOnceItHasFinished) {
    work_crew crew(4);
    std::atomic<int> done = 0;
    for (int round = 1; round <= 100; ++round) {
        for (int i = 0; i < 20; ++i) crew.begin([&] { ++done; });
        crew.finish();
        EXPECT_EQ(done, round * 20);
    }
}

TEST(WorkCrew, WithNothingToDoItHasFinished) {
    work_crew crew(2);
    crew.finish();
}

TEST(WorkCrew, WhatWaitsHasAThreadOfItsOwn) {
    work_crew crew(8);
    meeting all(8);
    for (int i = 0; i < 8; ++i) crew.begin_wait([&] { all.come(); });
    EXPECT_TRUE(all.succeeds());
    crew.finish();
}

TEST(WorkCrew, AThreadWakesTheNext) {
    work_crew crew(4);
    meeting all(4);
    for (int i = 0; i < 4; ++i) crew.begin([&] { all.come(); });
    EXPECT_TRUE(all.succeeds());
    crew.finish();
}

// Whom nobody heard being woken is woken again.
TEST(WorkCrew, WorkThatCameWhileAllWereBusyDoesNotKeepTheNextWaiting) {
    work_crew crew(1);
    meeting busy(2);
    crew.begin_wait([&] { busy.come(); });
    meeting next(1);
    crew.begin([&] { next.come(); });
    busy.come();
    EXPECT_TRUE(next.succeeds());
    meeting last(1);
    crew.begin([&] { last.come(); });
    EXPECT_TRUE(last.succeeds());
    crew.finish();
}

TEST(WorkCrew, TheCallerHelps) {
    work_crew crew(1);
    meeting both(2);
    crew.begin([&] { both.come(); });
    crew.begin([&] { both.come(); });
    crew.finish();
    EXPECT_TRUE(both.succeeds());
}

}  // namespace
}  // namespace ie
