// An actor system that runs only when told to, on the test's own thread, with a clock of its own.
#pragma once

#include <caf/scheduler/test_coordinator.hpp>

#include "actors/caf.hpp"

namespace ie {

class test_config : public actor_config {
  public:
    test_config() { set("scheduler.policy", caf::atom("testing")); }
};

class test_system {
  public:
    test_system()
        : system(config),
          scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {}

    // Until no actor has anything to do.
    void run() {
        while (scheduler.try_run_once()) {
        }
    }

    void advance(std::chrono::milliseconds time) {
        scheduler.advance_time(time);
        run();
    }

    // Asks, and returns where the answer appears once it is there.
    template <class Reply, class Actor, class... Ts>
    std::shared_ptr<std::optional<outcome<Reply>>> ask(const Actor& actor, const Ts&... parts) {
        auto answer = std::make_shared<std::optional<outcome<Reply>>>();
        // With an argument, as everywhere: UBSan sees CAF 0.17 use a null tuple where there is
        // none.
        const auto asker = [=](caf::event_based_actor* self, const Actor& to) {
            self->request(to, caf::infinite, parts...)
                .then([=](const Reply& reply) { *answer = outcome<Reply>(reply); },
                      [=](const caf::error& why) { *answer = outcome<Reply>(from_caf(why)); });
        };
        system.spawn(asker, actor);
        run();
        return answer;
    }

    test_config config;
    caf::actor_system system;
    caf::scheduler::test_coordinator& scheduler;
};

}  // namespace ie
