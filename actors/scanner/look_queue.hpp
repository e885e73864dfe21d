// Whose mail is looked into next: accounts take turns, so that one that sends many mails which take
// long delays its own only. Knows mails by numbers. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "messages/ids.hpp"

namespace ie {

class look_queue {
  public:
    struct queue_bounds {
        size_t waiting_max = 1;         // mails
        size_t running_of_one_max = 1;  // mails of one account that are looked into at a time
    };

    explicit look_queue(queue_bounds bounds) : bounds_(bounds) {}

    // Where too many wait then, the newest of the account with the most gives way: it is returned,
    // and waits no more.
    std::optional<uint64_t> put(const account_name& owner, uint64_t mail);

    // Nothing where no mail may begin. Each that has begun is ended once.
    std::optional<uint64_t> begin_next();
    void end(const account_name& owner);

    size_t waiting() const { return waiting_; }

  private:
    struct line {
        std::deque<uint64_t> waiting;
        size_t running = 0;
    };

    uint64_t push_out();

    queue_bounds bounds_;
    std::unordered_map<account_name, line> lines_;  // of accounts with a mail here
    std::deque<account_name> turns_;                // accounts that wait, the next one first
    size_t waiting_ = 0;
};

}  // namespace ie
