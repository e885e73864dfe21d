// The sockets that clients come through: ipc for this machine, known by the kernel's credentials;
// optionally tcp with CURVE, known by their key. Bounded in what a client can make them hold.
#pragma once

#include <zmq.hpp>

#include "config/settings_file.hpp"

namespace ie {

// A ROUTER on engine.endpoint, with owner group and mode set. A socket file that nobody listens at
// is replaced. Fails: conflict (another engine listens there), bad_request (endpoint, group),
// storage_failed (the folder), each naming path and cause.
outcome<zmq::socket_t> open_ipc_door(zmq::context_t& context, const settings_file& settings);

// A ROUTER on gateway.tcp_endpoint that takes in whom the key keeper of the same context admits.
// Fails: bad_request, not_found, not_permitted (secret key file).
outcome<zmq::socket_t> open_tcp_door(zmq::context_t& context, const settings_file& settings);

// Says which keys may come in, and under what name (ZeroMQ RFC 27). Open it before the tcp door.
class key_keeper {
  public:
    // Fails: bad_request (a key or name that can't be one).
    static outcome<key_keeper> open(zmq::context_t& context,
                                    const std::vector<curve_client>& clients);

    void* handle() { return socket_.handle(); }
    void answer_all();

  private:
    const curve_client* find(std::string_view key_bytes) const;

    zmq::socket_t socket_;
    std::vector<curve_client> clients_;
};

}  // namespace ie
