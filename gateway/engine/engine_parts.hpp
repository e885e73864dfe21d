// What the engine is made of, in the order of starting: which actor gets which other's address,
// which settings and which thread.
#pragma once

#include "config/account_directory.hpp"
#include "config/configuration.hpp"
#include "config/snapshot.hpp"
#include "gateway/zmq/gateway.hpp"

namespace ie {

// What every part may use; all of it outlives the actors.
struct engine_base {
    caf::actor_system& system;
    const configuration& settings;
    const clock& time;
    snapshot<account_directory>& accounts;
    snapshot<mail_policy>& policy;
    gateway_handles& running;  // written by the supervisor's thread once it was told to begin
    fault_point fault;         // the quarantine's
};

std::vector<engine_part> engine_parts(const engine_base& base);

// The gateway as the supervisor sees it.
class engine_gateway : public engine_door {
  public:
    engine_gateway(gateway& door, const gateway_handles& running)
        : door_(door), running_(running) {}

    void open() override { door_.attach(running_); }
    void close() override { door_.drain(); }
    size_t in_flight() const override { return door_.in_flight(); }
    actor_status status() const override;
    bool has_turned() override { return door_.has_turned(); }

  private:
    gateway& door_;
    const gateway_handles& running_;
};

}  // namespace ie
