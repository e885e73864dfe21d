// The socket for clients on the network: tcp with CURVE, each known by its key.
#pragma once

#include <zmq.hpp>

#include "config/configuration.hpp"

namespace ie {

// A ROUTER on gateway.tcp_endpoint that takes in whom the key keeper of the same context admits.
// Fails: bad_request, not_found, not_permitted (secret key file).
outcome<zmq::socket_t> open_tcp_door(zmq::context_t& context, const configuration& settings);

// Says which keys may come in, and under what name (ZeroMQ RFC 27). Open it before the tcp door.
class key_keeper {
  public:
    // Fails: bad_request (a key or name that can't be one).
    static outcome<key_keeper> open(zmq::context_t& context,
                                    const std::vector<curve_client>& clients);

    void* handle() { return socket_.handle(); }
    void answer_some();  // a bounded number of those who wait

  private:
    const curve_client* find(std::string_view key_bytes) const;

    zmq::socket_t socket_;
    std::vector<curve_client> clients_;
};

}  // namespace ie
