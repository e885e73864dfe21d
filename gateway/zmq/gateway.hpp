// The engine's doors (docs/wire.md): one thread of its own that takes requests off them, knows who
// calls, refuses what it must, hands the rest to actors and carries their answers back. (A second
// one, the user finder's, does nothing but wait for the system's user database.)
// Owns the sockets and what is in flight; on a crash each client finds its connection gone.
#pragma once

#include <thread>

#include "gateway/doors/ipc_door.hpp"
#include "gateway/doors/user_finder.hpp"
#include "gateway/zmq/actor_bridge.hpp"
#include "gateway/zmq/peer.hpp"

namespace ie {

// What tests want otherwise.
struct door_options {
    ipc_bounds bounds;
    user_source users;
};

class gateway {
  public:
    // Takes requests at once; each is answered `unavailable` until attach(). `accounts` and
    // `system` must outlive the gateway. Fails: conflict (another engine listens there),
    // not_found (hook.user), bad_request, storage_failed.
    static outcome<std::unique_ptr<gateway>> start(caf::actor_system& system,
                                                   const configuration& settings,
                                                   const snapshot<account_directory>& accounts,
                                                   const door_options& options = {});
    ~gateway();  // stops
    gateway(const gateway&) = delete;
    gateway& operator=(const gateway&) = delete;

    // These are thread-safe.
    void attach(gateway_handles handles);     // from now on; also after actors were restarted
    void drain();                             // new requests are refused, the others go on
    size_t in_flight() const;                 // requests without an answer yet
    const std::string& tcp_endpoint() const;  // as bound; empty: none
    // Whether its thread has done a turn since the last such question, which makes it do one.
    bool has_turned();

    // Answers whatever is in flight `unavailable`, closes the sockets and ends the thread.
    void stop();

  private:
    struct state;
    explicit gateway(std::unique_ptr<state> made);

    std::unique_ptr<state> state_;
    std::thread thread_;
};

}  // namespace ie
