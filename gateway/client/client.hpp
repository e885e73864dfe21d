// Asks the engine one thing after another and waits for each answer: for ie-cli, ie-config and
// tests. One lasting DEALER connection; every request has a deadline. No CAF.
#pragma once

#include "gateway/client/engine_link.hpp"

namespace ie {

struct client_options {
    std::string endpoint;  // ipc://… or tcp://…
    uint32_t timeout_ms = 30'000;
    std::string server_public_key;  // Z85; of a CURVE server, else empty
    std::string secret_key_file;    // this client's own Z85 secret key
};

template <message T>
struct reply_with_bytes {
    T value;
    mail_bytes bytes;
};

class client {
  public:
    static constexpr int64_t absent_ms_max = 1'000;    // where nobody listens
    static constexpr int64_t connect_ms_max = 10'000;  // where a busy engine does

    explicit client(const client_options& options);
    ~client();
    client(client&&) noexcept;
    client& operator=(client&&) noexcept;

    // Fails: unavailable (nobody there in time), deadline_exceeded, and whatever the
    // engine says.
    template <message Reply, message Request>
    outcome<reply_with_bytes<Reply>> ask_for_bytes(const Request& request, mail_bytes bytes = {}) {
        auto reply = exchange(make_parcel(request, next_id(), timeout_ms(), std::move(bytes)));
        if (!reply) return reply.failure();
        auto value = open_parcel<Reply>(*reply);
        if (!value) return value.failure();
        return reply_with_bytes<Reply>{std::move(*value), std::move(reply->bytes)};
    }

    template <message Reply, message Request>
    outcome<Reply> ask(const Request& request, mail_bytes bytes = {}) {
        auto reply = ask_for_bytes<Reply>(request, std::move(bytes));
        if (!reply) return reply.failure();
        return std::move(reply->value);
    }

  private:
    struct state;
    uint64_t next_id();
    uint32_t timeout_ms() const;
    outcome<parcel> exchange(parcel request);

    std::unique_ptr<state> state_;
};

}  // namespace ie
