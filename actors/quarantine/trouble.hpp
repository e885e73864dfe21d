// What an operator must see: logged, and the last of it told in `status`. The quarantine's thread
// and its reader's tell it what failed. Private to this folder.
#pragma once

#include <mutex>

#include "config/log.hpp"
#include "messages/error.hpp"

namespace ie {

class trouble {
  public:
    // Remembers it, logs it, and hands it on.
    error failed(const error& failure) {
        remember(failure.what);
        log_.error(event::storage_failed, kv("error", failure.what));
        return failure;
    }
    // Of what is logged as something else.
    void remember(std::string what) {
        const std::lock_guard lock(mutex_);
        last_ = std::move(what);
    }
    std::string last() const {
        const std::lock_guard lock(mutex_);
        return last_;
    }

  private:
    logger log_{"quarantine"};
    mutable std::mutex mutex_;
    std::string last_;
};

}  // namespace ie
