#include "gateway/client/client.hpp"

#include <algorithm>

#include "messages/request_context.hpp"

namespace ie {

struct client::state {
    explicit state(const client_options& options)
        : link({options.endpoint, options.server_public_key, options.secret_key_file}),
          timeout_ms(options.timeout_ms) {}

    void wait(int64_t until_ms) {
        std::vector<zmq_pollitem_t> items;
        link.add_poll_items(items);
        auto left = static_cast<long>(std::max<int64_t>(0, until_ms - steady_now_ms()));
        if (const long next = link.timeout_ms(); next >= 0) left = std::min(left, next);
        zmq_poll(items.data(), static_cast<int>(items.size()), left);
    }

    // Fails: unavailable, deadline_exceeded.
    outcome<nothing> connect(int64_t until_ms) {
        const int64_t begun_ms = steady_now_ms();
        for (;;) {
            const bool is_coming = link.reachable();  // takes in what has come
            if (link.present()) return nothing{};
            const int64_t patience_ms = is_coming ? connect_ms_max : absent_ms_max;
            const int64_t limit_ms = std::min(until_ms, begun_ms + patience_ms);
            if (const int64_t now = steady_now_ms(); now >= limit_ms) {
                return is_coming && now >= until_ms ? link.why_too_late() : link.why_absent();
            }
            wait(limit_ms);
        }
    }

    engine_link link;
    uint32_t timeout_ms;
};

client::client(const client_options& options) : state_(std::make_unique<state>(options)) {}
client::~client() = default;
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;

uint64_t client::next_id() {
    return state_->link.next_id();
}

uint32_t client::timeout_ms() const {
    return state_->timeout_ms;
}

outcome<parcel> client::exchange(parcel request) {
    engine_link& link = state_->link;
    const int64_t until_ms = steady_now_ms() + request.head.deadline_ms;
    if (!link.usable()) return link.why_absent();
    if (const auto connected = state_->connect(until_ms); !connected) return connected.failure();
    request.head.deadline_ms =
        static_cast<uint32_t>(std::max<int64_t>(0, until_ms - steady_now_ms()));
    const auto id = link.send(std::move(request));
    if (!id) return id.failure();
    for (;;) {
        state_->wait(until_ms);
        for (auto& answer : link.receive()) {
            if (answer.request_id == *id) return std::move(answer.reply);
        }
    }
}

}  // namespace ie
