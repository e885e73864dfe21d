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

    // Returns at once; the work may not throw. One caller at a time.
    void begin(work next);
    // Until all that was begun is done; the caller helps. False where all was done already.
    bool finish();

  private:
    void serve();
    bool do_one(std::unique_lock<std::mutex>& lock);

    std::mutex mutex_;
    std::condition_variable begun_;
    std::condition_variable done_;
    std::deque<work> waiting_;
    size_t under_way_ = 0;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ie
