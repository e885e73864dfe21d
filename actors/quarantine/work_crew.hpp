// Threads that share the work of a batch: hashing and writing the files of many mails.
#pragma once

#include <condition_variable>
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
