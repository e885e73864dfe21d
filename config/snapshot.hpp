// A value that one thread replaces as a whole and many read.
#pragma once

#include <memory>
#include <mutex>

namespace ie {

template <class T>
class snapshot {
  public:
    std::shared_ptr<const T> get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }
    void set(T value) {
        auto next = std::make_shared<const T>(std::move(value));
        const std::lock_guard lock(mutex_);
        value_.swap(next);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const T> value_ = std::make_shared<const T>();
};

}  // namespace ie
