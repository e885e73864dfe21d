#include "actors/supervisor/supervisor_actor.hpp"

#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

struct fake_door : engine_door {
    void open() override { events->push_back("open"); }
    void close() override { events->push_back("close"); }
    size_t in_flight() const override { return mails; }
    actor_status status() const override {
        actor_status out;
        out.actor = "gateway";
        return out;
    }

    std::vector<std::string>* events = nullptr;
    size_t mails = 0;
};

class SupervisorActor : public testing::actor_fixture {
  protected:
    SupervisorActor() { door_.events = &events_; }
    static caf::behavior part_behavior(caf::event_based_actor* self, const std::string& name,
                                       std::vector<std::string>* events) {
        self->attach_functor([name, events] { events->push_back("-" + name); });
        return {
            [name](const get_status&) {
                actor_status out;
                out.actor = name;
                return out;
            },
            [self](stop_atom) { self->quit(caf::exit_reason::unhandled_exception); },
        };
    }

    // A part that answers get_status and tells when it starts and ends.
    engine_part part(const std::string& name) {
        return {name, [this, name]() -> outcome<caf::actor> {
                    if (refusing_ == name) return fail(error_code::storage_failed, "disk full");
                    events_.push_back("+" + name);
                    actors_[name] = own(system_->spawn(part_behavior, name, &events_));
                    return actors_[name];
                }};
    }

    void start(system_clock* movable = nullptr) {
        supervisor_options options;
        options.parts = {part("a"), part("b"), part("c")};
        options.door = &door_;
        options.time = &time_;
        options.movable_time = movable;
        options.budget = restart_budget(2, 60'000);
        options.on_give_up = [this] { events_.push_back("give up"); };
        supervisor_ = own(make_supervisor(*system_, options));
        caf::anon_send(supervisor_, begin_atom_v);
        run();
    }

    std::vector<std::string> take_events() { return std::exchange(events_, {}); }

    void fail_part(const std::string& name) {
        caf::anon_send(actors_[name], stop_atom_v);
        run();
    }

    using names = std::vector<std::string>;
    std::vector<std::string> events_;
    fake_door door_;
    std::map<std::string, caf::actor> actors_;
    std::string refusing_;
    supervisor_actor supervisor_;
};

TEST_F(SupervisorActor, StartsInOrderAndOpensTheDoorLast) {
    start();
    EXPECT_EQ(take_events(), (names{"+a", "+b", "+c", "open"}));
}

TEST_F(SupervisorActor, StartsAFailedPartAgainWithAllThatCameAfterIt) {
    start();
    take_events();
    fail_part("b");
    EXPECT_EQ(take_events(), (names{"-b", "-c", "+b", "+c", "open"}));
    const auto status = ask<engine_status>(supervisor_, get_status{}, request_context{});
    ASSERT_TRUE(status && *status);
    EXPECT_EQ((*status)->actors[0].restarts, 0U);
    EXPECT_EQ((*status)->actors[1].restarts, 1U);
    EXPECT_NE((*status)->actors[1].last_error, "");
    EXPECT_EQ((*status)->actors[2].restarts, 0U);
}

TEST_F(SupervisorActor, GivesUpWhenTheBudgetIsUsedUp) {
    start();
    fail_part("c");
    fail_part("c");
    take_events();
    fail_part("c");
    EXPECT_EQ(take_events(), (names{"-c", "give up", "close", "-b", "-a"}));
}

TEST_F(SupervisorActor, TriesAgainToStartWhatCouldNotBeStarted) {
    refusing_ = "b";
    start();
    EXPECT_EQ(take_events(), (names{"+a"}));
    const auto status = ask<engine_status>(supervisor_, get_status{}, request_context{});
    EXPECT_EQ((*status)->actors[1].state, actor_state::restarting);
    EXPECT_EQ((*status)->actors[1].last_error, "disk full");
    refusing_.clear();
    advance(std::chrono::milliseconds(500));
    EXPECT_EQ(take_events(), (names{"+b", "+c", "open"}));
}

TEST_F(SupervisorActor, StopsLastToFirst) {
    start();
    take_events();
    caf::anon_send(supervisor_, stop_atom_v);
    run();
    EXPECT_EQ(take_events(), (names{"close", "-c", "-b", "-a"}));
}

TEST_F(SupervisorActor, FinishesMailInHandBeforeItStops) {
    start();
    take_events();
    door_.mails = 1;
    caf::anon_send(supervisor_, stop_atom_v);
    run();
    EXPECT_EQ(take_events(), (names{"close"}));
    door_.mails = 0;
    advance(std::chrono::milliseconds(20));
    EXPECT_EQ(take_events(), (names{"-c", "-b", "-a"}));
}

TEST_F(SupervisorActor, MovesTheClockOnlyOfALabsEngine) {
    start();
    const auto refused = ask<clock_advanced>(supervisor_, advance_clock{60}, request_context{});
    ASSERT_TRUE(refused && !*refused);
    EXPECT_EQ(refused->failure().code, error_code::not_permitted);
}

TEST_F(SupervisorActor, MovesTheClockForwardOnly) {
    system_clock lab_time;
    start(&lab_time);
    const int64_t before = lab_time.now_s();
    ASSERT_TRUE(*ask<clock_advanced>(supervisor_, advance_clock{3'660}, request_context{}));
    EXPECT_GE(lab_time.now_s(), before + 3'660);
    for (const int64_t seconds : {int64_t{-1}, advance_clock::seconds_max + 1}) {
        const auto refused =
            ask<clock_advanced>(supervisor_, advance_clock{seconds}, request_context{});
        ASSERT_TRUE(refused && !*refused);
        EXPECT_EQ(refused->failure().code, error_code::bad_request);
    }
}

TEST(RestartBudget, AllowsSoManyInAnyWindow) {
    restart_budget budget(2, 60'000);
    EXPECT_TRUE(budget.take(0));
    EXPECT_TRUE(budget.take(1'000));
    EXPECT_FALSE(budget.take(59'999));
    EXPECT_TRUE(budget.take(60'000));
    EXPECT_FALSE(budget.take(60'999));
    EXPECT_TRUE(budget.take(61'000));
}

}  // namespace
}  // namespace ie
