// A lasting connection to the engine for a single-threaded program with a loop of its own: never
// blocks, knows at once when the engine is gone, and ends each request by its deadline. Owns one
// DEALER socket and its monitor. No CAF.
#pragma once

#include <zmq.h>

#include <memory>
#include <vector>

#include "gateway/client/frames.hpp"

namespace ie {

struct link_options {
    std::string endpoint = {};           // ipc://… or tcp://…
    std::string server_public_key = {};  // Z85; of a CURVE server, else empty
    std::string secret_key_file = {};  // this side's own Z85 secret key; needed where the former is
    int64_t arrival_ms_max = 1'000;    // for the connection to an engine that listens already
};

class engine_link {
  public:
    struct answer {
        uint64_t request_id = 0;
        outcome<parcel> reply;  // fails: unavailable (connection lost), deadline_exceeded
    };

    // Connects in the background; the engine may come later. An endpoint or key that can't be used
    // makes each send() fail, naming it.
    explicit engine_link(const std::string& endpoint)
        : engine_link(link_options{.endpoint = endpoint}) {}
    explicit engine_link(const link_options& options);
    ~engine_link();
    engine_link(const engine_link&) = delete;
    engine_link& operator=(const engine_link&) = delete;

    bool present() const;      // is there a connection, as far as receive() has seen
    bool reachable();          // or does one listen that hasn't been noticed yet
    size_t in_flight() const;  // requests without an answer yet

    // Returns the request's id. Where an engine listens already but the connection isn't back yet,
    // the request goes out with it; without one within arrival_ms_max its answer is `unavailable`.
    // Fails at once: unavailable (nobody listens), busy (requests_max in flight, or the engine
    // takes nothing in).
    template <message T>
    outcome<uint64_t> send(const T& request, uint32_t deadline_ms, mail_bytes bytes = {}) {
        return send(make_parcel(request, next_id(), deadline_ms, std::move(bytes)));
    }

    // What zmq_poll should wait for beside the caller's own descriptors.
    void add_poll_items(std::vector<zmq_pollitem_t>& items) const;

    // Milliseconds until the next deadline; -1: none.
    long timeout_ms() const;

    // Takes in what has come. Call after each poll, whatever it returned.
    std::vector<answer> receive();

    static constexpr size_t requests_max = 4096;  // in flight

  private:
    friend class client;
    struct state;
    uint64_t next_id();
    outcome<uint64_t> send(parcel request);
    bool usable() const;
    error why_absent() const;
    error why_too_late() const;

    std::unique_ptr<state> state_;
};

}  // namespace ie
