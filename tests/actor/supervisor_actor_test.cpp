#include "actors/supervisor/supervisor_actor.hpp"

#include <algorithm>
#include <future>

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

    bool has_turned() override { return turns; }

    std::vector<std::string>* events = nullptr;
    size_t mails = 0;
    bool turns = true;
};

class SupervisorActor : public testing::actor_fixture {
  protected:
    SupervisorActor() { door_.events = &events_; }
    static caf::behavior part_behavior(caf::event_based_actor* self, const std::string& name,
                                       std::vector<std::string>* events, const std::string* mute) {
        self->attach_functor([name, events] { events->push_back("-" + name); });
        return {
            [self, name, mute](const get_status&) -> caf::result<actor_status> {
                if (*mute == name) return self->make_response_promise<actor_status>();
                actor_status out;
                out.actor = name;
                return out;
            },
            [self](stop_atom) { self->quit(caf::exit_reason::unhandled_exception); },
        };
    }

    // A part that answers get_status and tells when it starts and ends.
    engine_part part(const std::string& name) {
        engine_part made{name, [this, name]() -> part_start {
                             return
                                 [this, name]() -> outcome<caf::actor> { return start_part(name); };
                         }};
        made.stands_aside = name == aside_;
        made.is_watched = unwatched_ != name;
        return made;
    }

    outcome<caf::actor> start_part(const std::string& name) {
        if (refusing_ == name) return fail(error_code::storage_failed, "disk full");
        events_.push_back("+" + name);
        actors_[name] = own(system_->spawn(part_behavior, name, &events_, &mute_));
        return actors_[name];
    }

    void start(system_clock* movable = nullptr) {
        supervisor_options options;
        options.parts = {part("a"), part("b"), part("c")};
        if (!instead_.empty()) options.parts = instead_;
        options.door = &door_;
        options.time = &time_;
        options.movable_time = movable;
        options.budget = restart_budget(2, 60'000);
        options.on_give_up = [this](const std::string& why) {
            events_.push_back("give up");
            given_up_for_ = why;
        };
        options.on_ready = [this] { events_.push_back("ready"); };
        options.on_alive = [this] { ++beats_; };
        options.watchdog_ms = watchdog_ms_;
        options.on_stuck = [this] { events_.push_back("stuck"); };
        options.start_on = start_on_;
        supervisor_ = own(make_supervisor(*system_, options));
        caf::anon_send(supervisor_, begin_atom_v);
        run();
    }

    std::vector<std::string> take_events() { return std::exchange(events_, {}); }

    void fail_part(const std::string& name) {
        caf::anon_send(actors_[name], stop_atom_v);
        run();
    }

    actor_status status_of(const std::string& name) {
        const auto status = ask<engine_status>(supervisor_, get_status{}, request_context{});
        EXPECT_TRUE(status && *status);
        if (!status || !*status) return {};
        for (const auto& each : (*status)->actors) {
            if (each.actor == name) return each;
        }
        ADD_FAILURE() << name << " isn't in the status";
        return {};
    }

    using names = std::vector<std::string>;
    std::vector<std::string> events_;
    fake_door door_;
    std::map<std::string, caf::actor> actors_;
    std::string refusing_;
    std::string given_up_for_;
    std::string mute_;  // a part that takes its messages and answers none
    std::string aside_;
    std::string unwatched_;
    thread_use start_on_ = thread_use::shared;
    std::vector<engine_part> instead_;  // of the three
    int64_t watchdog_ms_ = 0;
    int beats_ = 0;
    supervisor_actor supervisor_;
};

TEST_F(SupervisorActor, StartsInOrderAndOpensTheDoorLast) {
    start();
    EXPECT_EQ(take_events(), (names{"+a", "+b", "+c", "open", "ready"}));
}

TEST_F(SupervisorActor, StartsAFailedPartAgainWithAllThatCameAfterIt) {
    start();
    take_events();
    fail_part("b");
    EXPECT_EQ(take_events(), (names{"-b", "-c", "+b", "+c", "open", "ready"}));
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
    EXPECT_EQ(take_events(), (names{"+b", "+c", "open", "ready"}));
}

TEST_F(SupervisorActor, SaysWhatItGivesUpFor) {
    refusing_ = "b";
    start();
    for (int i = 0; i < 3; ++i) advance(std::chrono::milliseconds(500));
    EXPECT_EQ(take_events(), (names{"+a", "give up", "close", "-a"}));
    EXPECT_EQ(given_up_for_, "b: disk full");
}

// Those after it would have its address, and nobody behind it.
TEST_F(SupervisorActor, EndsAPartThatIsMuteAndStartsItAgainBeforeTheNext) {
    mute_ = "b";
    start();
    EXPECT_EQ(take_events(), (names{"+a", "+b"}));
    mute_.clear();
    advance(std::chrono::seconds(30));
    EXPECT_EQ(take_events(), (names{"-b", "+b", "+c", "open", "ready"}));
    const auto status = ask<engine_status>(supervisor_, get_status{}, request_context{});
    EXPECT_EQ((*status)->actors[1].restarts, 1U);
    EXPECT_EQ((*status)->actors[1].last_error, "it didn't answer when it was started");
}

TEST_F(SupervisorActor, TheOthersRunWithoutOneThatStandsAside) {
    aside_ = refusing_ = "b";
    start();
    EXPECT_EQ(take_events(), (names{"+a", "+c", "open", "ready"}));
    EXPECT_EQ(status_of("b").state, actor_state::restarting);
    EXPECT_EQ(status_of("b").last_error, "disk full");
    for (int i = 0; i < 10; ++i) advance(std::chrono::seconds(5));  // the budget is two
    EXPECT_EQ(take_events(), names{});
    refusing_.clear();
    advance(std::chrono::seconds(5));
    EXPECT_EQ(take_events(), (names{"+b", "open", "ready"}));
}

TEST_F(SupervisorActor, TheOthersLiveOnWhereOneThatStandsAsideFails) {
    aside_ = "b";
    start();
    EXPECT_EQ(take_events(), (names{"+a", "+b", "+c", "open", "ready"}));
    for (int i = 0; i < 5; ++i) {
        fail_part("b");
        EXPECT_EQ(take_events(), (names{"-b", "+b", "open", "ready"}));
    }
    EXPECT_EQ(status_of("b").restarts, 5U);
}

TEST_F(SupervisorActor, OneThatStandsAsideIsStartedAgainWithThoseBeforeIt) {
    aside_ = "b";
    start();
    take_events();
    fail_part("a");
    EXPECT_EQ(take_events(), (names{"-a", "-b", "-c", "+a", "+b", "+c", "open", "ready"}));
}

// It may have to work through a journal, or a disk may hang.
TEST_F(SupervisorActor, OneThatStandsAsideMayTakeAsLongAsItLikes) {
    aside_ = mute_ = "b";
    start();
    EXPECT_EQ(take_events(), (names{"+a", "+b", "+c"}));
    EXPECT_EQ(status_of("b").detail, "starting");
    advance(std::chrono::seconds(5));
    EXPECT_EQ(take_events(), (names{"open", "ready"}));
    for (int i = 0; i < 10; ++i) advance(std::chrono::minutes(1));
    EXPECT_EQ(take_events(), names{});
    EXPECT_EQ(status_of("b").restarts, 0U);
    fail_part("c");
    EXPECT_EQ(take_events(), (names{"-c", "+c", "open", "ready"}));
}

TEST_F(SupervisorActor, IsAliveAsLongAsTheWatchedPartsAnswer) {
    watchdog_ms_ = 60'000;
    unwatched_ = mute_ = "b";
    aside_ = "b";
    start();
    advance(std::chrono::seconds(5));
    for (int i = 0; i < 4; ++i) advance(std::chrono::seconds(15));
    EXPECT_EQ(beats_, 5);
}

TEST_F(SupervisorActor, IsAliveThoughAPartIsSilentThatIsntWatched) {
    watchdog_ms_ = 60'000;
    unwatched_ = "b";
    start();
    mute_ = "b";
    EXPECT_EQ(beats_, 1);
    for (int i = 0; i < 12; ++i) advance(std::chrono::seconds(15));
    EXPECT_GE(beats_, 4);
}

TEST_F(SupervisorActor, IsAliveAsLongAsAllPartsAnswer) {
    watchdog_ms_ = 60'000;
    start();
    EXPECT_EQ(beats_, 1);
    advance(std::chrono::seconds(15));
    EXPECT_EQ(beats_, 2);
    mute_ = "b";
    for (int i = 0; i < 6; ++i) advance(std::chrono::seconds(15));
    EXPECT_EQ(beats_, 2);
    mute_.clear();
    for (int i = 0; i < 3; ++i) advance(std::chrono::seconds(15));
    EXPECT_GE(beats_, 3);
}

TEST_F(SupervisorActor, IsNotAliveWhereItsDoorIsStuck) {
    watchdog_ms_ = 60'000;
    door_.turns = false;
    start();
    advance(std::chrono::seconds(15));
    EXPECT_EQ(beats_, 0);
    door_.turns = true;
    advance(std::chrono::seconds(15));
    EXPECT_EQ(beats_, 1);
}

TEST_F(SupervisorActor, StaysAliveWhileAPartIsStartedAgain) {
    watchdog_ms_ = 60'000;
    start();
    refusing_ = "b";
    fail_part("b");
    refusing_.clear();
    advance(std::chrono::seconds(15));
    EXPECT_EQ(beats_, 2);
}

TEST_F(SupervisorActor, StopsLastToFirst) {
    start();
    take_events();
    caf::anon_send(supervisor_, stop_atom_v);
    run();
    EXPECT_EQ(take_events(), (names{"close", "-c", "-b", "-a"}));
}

// A disk that hangs: parts are started on real threads, and one of them waits until the test lets
// it go on.
class SlowStart : public SupervisorActor {
  protected:
    void begin(bool stands_aside) {
        start_on_ = thread_use::own;
        std::promise<void> at_once;
        at_once.set_value();
        instead_ = {prepared("a", at_once.get_future().share()),
                    prepared("slow", let_go_.get_future().share())};
        instead_[1].stands_aside = stands_aside;
        start();
        wait_for("+slow");
        take_events();
    }
    void TearDown() override {
        if (!has_gone_on_) go_on();
        SupervisorActor::TearDown();
    }

    // Its actor is there at once, for the test's thread is to make it.
    engine_part prepared(const std::string& name, const std::shared_future<void>& may_go_on) {
        return {name, [this, name, may_go_on]() -> part_start {
                    events_.push_back("+" + name);
                    actors_[name] = own(system_->spawn(part_behavior, name, &events_, &mute_));
                    return [may_go_on, part = actors_[name]]() -> outcome<caf::actor> {
                        may_go_on.wait();
                        return part;
                    };
                }};
    }

    void go_on() {
        has_gone_on_ = true;
        let_go_.set_value();
    }
    void wait_for(const std::string& event) {
        while (std::find(events_.begin(), events_.end(), event) == events_.end()) run();
    }
    void stop() {
        caf::anon_send(supervisor_, stop_atom_v);
        run();
        EXPECT_EQ(take_events(), names{"close"});
    }
    bool is_gone() {
        const auto status = ask<engine_status>(supervisor_, get_status{}, request_context{});
        return status && !*status && status->failure().code == error_code::unavailable;
    }

    std::promise<void> let_go_;
    bool has_gone_on_ = false;
};

TEST_F(SlowStart, KeepsNobodyFromAskingHowItIs) {
    begin(false);
    EXPECT_EQ(status_of("slow").state, actor_state::restarting);
    EXPECT_EQ(status_of("slow").detail, "starting");
    EXPECT_EQ(status_of("a").state, actor_state::running);
}

TEST_F(SlowStart, IsWaitedForByAStopAndEndedThen) {
    begin(false);
    stop();
    EXPECT_FALSE(is_gone());
    go_on();
    wait_for("-a");
    EXPECT_EQ(take_events(), (names{"-slow", "-a"}));
    EXPECT_TRUE(is_gone());
}

// Its thread can't be waited for: who called must end the process.
TEST_F(SlowStart, IsLeftBehindByAStopThatHasWaitedLongEnough) {
    begin(false);
    stop();
    advance(std::chrono::seconds(8));
    EXPECT_EQ(take_events(), names{"stuck"});
    EXPECT_TRUE(is_gone());
}

// It has the address of one that is gone.
TEST_F(SlowStart, IsBegunAnewWhereOneBeforeItHasFailedMeanwhile) {
    begin(true);
    fail_part("a");
    wait_for("+a");
    EXPECT_EQ(take_events(), (names{"-a", "+a"}));
    go_on();
    wait_for("+slow");
    const auto seen = take_events();
    const auto ended = std::find(seen.begin(), seen.end(), "-slow");
    EXPECT_LT(ended, std::find(seen.begin(), seen.end(), "+slow"));
    wait_for("ready");
    EXPECT_EQ(status_of("slow").state, actor_state::running);
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

TEST_F(SupervisorActor, FinishesMailInHandThoughAPartFailsMeanwhile) {
    start();
    take_events();
    door_.mails = 1;
    caf::anon_send(supervisor_, stop_atom_v);
    run();
    fail_part("b");
    EXPECT_EQ(take_events(), (names{"close", "-b"}));
    door_.mails = 0;
    advance(std::chrono::milliseconds(20));
    EXPECT_EQ(take_events(), (names{"-c", "-a"}));
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
