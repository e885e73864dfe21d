// Where the hook's connections hand in their requests to the engine: remembers which connection
// each answer belongs to, and how many bytes of mail are under way. An answer whose connection has
// gone is dropped: Exim asks again.
#pragma once

#include <unordered_map>

#include "gateway/client/engine_link.hpp"

namespace ie {

using connection_id = uint64_t;

class engine_desk {
  public:
    struct answer {
        connection_id asker = 0;
        outcome<parcel> reply;
    };

    // `bytes_max`: of mail under way; one more may go beyond it.
    engine_desk(const std::string& endpoint, size_t bytes_max)
        : link_(endpoint), bytes_max_(bytes_max) {}

    bool present() const { return link_.present(); }
    bool reachable() { return link_.reachable(); }
    bool full() const { return bytes_ >= bytes_max_; }
    size_t in_flight() const { return asked_.size(); }

    // Fails at once: unavailable, busy.
    template <message T>
    outcome<nothing> ask(connection_id asker, const T& request, uint32_t deadline_ms,
                         mail_bytes bytes = {}) {
        if (full()) return fail(error_code::busy, "too many bytes of mail are under way");
        const size_t size = bytes.size();
        const auto id = link_.send(request, deadline_ms, std::move(bytes));
        if (!id) return id.failure();
        asked_.emplace(*id, asked{asker, size});
        bytes_ += size;
        return nothing{};
    }

    void add_poll_items(std::vector<zmq_pollitem_t>& items) const { link_.add_poll_items(items); }
    long timeout_ms() const { return link_.timeout_ms(); }

    // Call after each poll.
    std::vector<answer> receive();

  private:
    struct asked {
        connection_id asker = 0;
        size_t size_bytes = 0;
    };

    engine_link link_;
    size_t bytes_max_;
    size_t bytes_ = 0;
    std::unordered_map<uint64_t, asked> asked_;
};

}  // namespace ie
