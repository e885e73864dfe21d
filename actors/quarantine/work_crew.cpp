#include "actors/quarantine/work_crew.hpp"

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

void work_crew::begin(std::vector<work> all) {
    if (all.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        waiting_.insert(waiting_.end(), std::make_move_iterator(all.begin()),
                        std::make_move_iterator(all.end()));
    }
    begun_.notify_all();
}

void work_crew::finish() {
    std::unique_lock lock(mutex_);
    while (do_one(lock)) {
    }
    done_.wait(lock, [this] { return under_way_ == 0; });
}

void work_crew::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        begun_.wait(lock, [this] { return over_ || !waiting_.empty(); });
        if (over_) return;
        while (do_one(lock)) {
        }
    }
}

// False where nothing waits.
bool work_crew::do_one(std::unique_lock<std::mutex>& lock) {
    if (waiting_.empty()) return false;
    const work next = std::move(waiting_.back());
    waiting_.pop_back();
    ++under_way_;
    lock.unlock();
    next();
    lock.lock();
    if (--under_way_ == 0 && waiting_.empty()) done_.notify_all();
    return true;
}

}  // namespace ie
