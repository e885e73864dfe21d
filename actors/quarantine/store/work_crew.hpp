// Threads that work beside the one that owns them, and wait for the disk beside each other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ie {

class work_crew {
  public:
    using work = std::function<void()>;

    explicit work_crew(size_t threads);
    ~work_crew();
    work_crew(const work_crew&) = delete;
    work_crew& operator=(const work_crew&) = delete;

    // Returns at once; the work may not throw. One caller at a time. The processor's work: a thread
    // is woken, which wakes the next while there is more.
    void begin(work next);
    // What waits for the disk: gets a thread of its own at once.
    void begin_wait(work next);
    // Until all that was begun is done; the caller helps.
    void finish();

  private:
    void serve();
    bool do_one(std::unique_lock<std::mutex>& lock);
    void wake_one();

    std::mutex mutex_;
    std::condition_variable begun_;
    std::condition_variable done_;
    std::deque<work> waiting_;
    size_t under_way_ = 0;
    bool is_waking_ = false;  // a thread that has been told of work, and hasn't looked yet
    bool over_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ie
