#include "actors/quarantine/store/work_crew.hpp"

#include <utility>

namespace ie {

work_crew::work_crew(size_t threads) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

work_crew::~work_crew() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    begun_.notify_all();
    for (auto& each : threads_) each.join();
}

void work_crew::begin(work next) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(next));
    wake_one();
}

void work_crew::begin_wait(work next) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(next));
    begun_.notify_one();
}

// To wake a thread takes as long as a piece of work.
void work_crew::wake_one() {
    if (!waiting_.empty() && !std::exchange(is_waking_, true)) begun_.notify_one();
}

void work_crew::finish() {
    std::unique_lock lock(mutex_);
    while (do_one(lock)) {
    }
    done_.wait(lock, [this] { return under_way_ == 0; });
}

void work_crew::serve() {
    std::unique_lock lock(mutex_);
    while (!over_) {
        is_waking_ = false;
        if (!do_one(lock)) begun_.wait(lock);
    }
}

// False where nothing waits.
bool work_crew::do_one(std::unique_lock<std::mutex>& lock) {
    if (waiting_.empty()) return false;
    const work next = std::move(waiting_.front());
    waiting_.pop_front();
    ++under_way_;
    wake_one();
    lock.unlock();
    next();
    lock.lock();
    if (--under_way_ == 0 && waiting_.empty()) done_.notify_all();
    return true;
}

}  // namespace ie
