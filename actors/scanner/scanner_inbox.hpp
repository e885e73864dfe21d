// Brings results from the checker's thread to the scanner: one message wakes the actor for all that
// came meanwhile. Thread-safe; outlives the actor harmlessly.
#pragma once

#include <mutex>

#include "actors/caf.hpp"
#include "actors/scanner/spam_checker.hpp"

namespace ie {

struct finished_check {
    uint64_t number = 0;  // the scanner's own for the mail
    check_result result;
};

class scanner_inbox {
  public:
    // The address is weak: a check under way keeps no actor alive.
    explicit scanner_inbox(caf::actor_addr scanner) : scanner_(std::move(scanner)) {}

    void put(finished_check check) {
        {
            const std::lock_guard lock(mutex_);
            finished_.push_back(std::move(check));
            if (finished_.size() > 1) return;
        }
        if (const auto scanner = caf::actor_cast<caf::actor>(scanner_)) {
            caf::anon_send(scanner, flush_atom_v);
        }
    }

    std::vector<finished_check> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(finished_, {});
    }

  private:
    caf::actor_addr scanner_;
    std::mutex mutex_;
    std::vector<finished_check> finished_;
};

}  // namespace ie
