// An actor system whose actors run only when the test says so, on the test's own thread, and whose
// timers stand still until the test moves them.
#pragma once

#include <gtest/gtest.h>
#include <caf/scheduler/test_coordinator.hpp>

#include <optional>

#include "actors/caf.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::testing {

class testing_config : public actor_config {
  public:
    testing_config() { set("scheduler.policy", caf::atom("testing")); }
};

class actor_fixture : public ::testing::Test {
  protected:
    // What the code under test logs is of no interest unless something is wrong.
    static void SetUpTestSuite() { ASSERT_TRUE(open_log("", log_level::error)); }

    static constexpr int64_t start_ms = 1'795'333'986'123;  // 2026-11-22T07:53:06.123Z

    // The system waits at its end for all actors: those with timers must be told to go.
    void TearDown() override {
        for (const auto& each : owned_) caf::anon_send_exit(each, caf::exit_reason::kill);
        run();
    }

    // Ends the actor with the test.
    template <class Handle>
    Handle own(Handle actor) {
        owned_.push_back(caf::actor_cast<caf::actor>(actor));
        return actor;
    }

    // Runs every actor that has something to do, until none has.
    void run() { scheduler().run(); }

    // Moves CAF's timers and the engine's clock, and runs what that sets off.
    void advance(std::chrono::milliseconds step) {
        time_.advance_ms(step.count());
        scheduler().advance_time(step);
        run();
    }

    caf::scheduler::test_coordinator& scheduler() {
        return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
    }

    // The answer to a request, after running what it needs; nothing if none came.
    template <class Reply, class Handle, class... Args>
    std::optional<outcome<Reply>> ask(const Handle& actor, Args&&... args) {
        auto pending = begin<Reply>(actor, std::forward<Args>(args)...);
        run();
        return *pending;
    }

    // Sends a request and leaves running to the test; the answer appears in what is returned.
    template <class Reply, class Handle, class... Args>
    std::shared_ptr<std::optional<outcome<Reply>>> begin(const Handle& actor, Args... args) {
        auto slot = std::make_shared<std::optional<outcome<Reply>>>();
        // (CAF 0.17 binds a reference to null where a spawned function takes no argument.)
        const auto asker = [args...](caf::event_based_actor* self, const Handle& asked,
                                     const decltype(slot)& answer) {
            self->request(asked, caf::infinite, args...)
                .then([answer](Reply& reply) { answer->emplace(std::move(reply)); },
                      [answer](const caf::error& failure) { answer->emplace(from_caf(failure)); });
        };
        system_->spawn(asker, actor, slot);
        return slot;
    }

    manual_clock time_{start_ms};
    testing_config config_;
    std::optional<caf::actor_system> system_{std::in_place, config_};
    std::vector<caf::actor> owned_;
};

}  // namespace ie::testing
