// What the engine is made of, in the order of starting: which actor gets which other's address,
// which settings and which thread.
#pragma once

#include "actors/settings/settings_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "config/account_directory.hpp"
#include "config/settings_file.hpp"
#include "config/snapshot.hpp"
#include "gateway/zmq/gateway.hpp"

namespace ie {

// The actors that run at present. For the supervisor's thread only: what starts a part elsewhere
// has its own copies of the addresses.
struct running_actors {
    rate_limiter_actor rate_limiter;
    statistics_actor statistics;
    settings_actor settings;
    courier_actor courier;
    quarantine_actor quarantine;
    attachment_desk attachments;
    scanner_actor scanner;
    intake_actor intake;
};

// What every part may use; all of it outlives the actors.
struct engine_base {
    caf::actor_system& system;
    const settings_file& settings;
    const clock& time;
    snapshot<account_directory>& accounts;
    snapshot<mail_policy>& policy;
    running_actors& running;
    fault_point fault;  // the quarantine's
};

std::vector<engine_part> engine_parts(const engine_base& base);

// The gateway as the supervisor sees it.
class engine_gateway : public engine_door {
  public:
    engine_gateway(gateway& door, const running_actors& running) : door_(door), running_(running) {}

    void serve(supervisor_actor supervisor) { supervisor_ = std::move(supervisor); }

    void open() override {
        door_.attach({running_.intake, running_.quarantine, running_.statistics, running_.settings,
                      supervisor_});
    }
    void close() override { door_.drain(); }
    size_t in_flight() const override { return door_.in_flight(); }
    actor_status status() const override;
    bool has_turned() override { return door_.has_turned(); }

  private:
    gateway& door_;
    const running_actors& running_;
    supervisor_actor supervisor_;
};

}  // namespace ie
