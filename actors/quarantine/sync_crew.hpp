// Threads that wait for the disk in parallel: a file system writes its journal once for all that
// are in fsync at the time, where one after the other each would wait for a journal of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ie {

class sync_crew {
  public:
    using work = std::function<void()>;

    explicit sync_crew(size_t threads = 8);
    ~sync_crew();
    sync_crew(const sync_crew&) = delete;
    sync_crew& operator=(const sync_crew&) = delete;

    // Begins all of it and returns; no work may throw. One caller at a time.
    void begin(std::vector<work> all);
    // Until all that was begun is done; the caller helps.
    void finish();

  private:
    void serve();
    bool do_one(std::unique_lock<std::mutex>& lock);

    std::mutex mutex_;
    std::condition_variable begun_;
    std::condition_variable done_;
    std::vector<work> waiting_;
    size_t under_way_ = 0;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ie
