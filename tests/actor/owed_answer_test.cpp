// Each actor that answers later is ended with a question open, and must not leave who asked
// waiting.
#include "actors/owed_answer.hpp"

#include "actors/intake/intake_actor.hpp"
#include "actors/settings/settings_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fake_checker.hpp"
#include "tests/actor/quarantine_fixture.hpp"

namespace ie::testing {
namespace {

const object_id any_id{"0f2c7a9e-d547-8b29-b8f0-f5331821c930"};

// Takes whatever comes and answers nothing, as long as it lives.
caf::behavior mute_behavior(caf::event_based_actor* self, int) {
    self->set_default_handler(caf::skip);
    return {[](stop_atom) {}};
}

// Says once how it is, and then nothing more.
caf::behavior once_behavior(caf::event_based_actor* self, int) {
    self->set_default_handler(caf::skip);
    return {[self](const get_status&) {
        self->become(caf::behavior{[](stop_atom) {}});
        return actor_status{};
    }};
}

struct closed_door : engine_door {
    void open() override {}
    void close() override {}
    size_t in_flight() const override { return 0; }
    actor_status status() const override { return {}; }
    bool has_turned() override { return true; }
};

// Throws when told to; until then what it is asked stays open.
caf::behavior throwing_behavior(caf::event_based_actor* self, std::vector<owed_answer<int>>* open) {
    return {[self, open](int) -> caf::result<int> { return open->emplace_back(self); },
            [](bool) -> int { throw std::runtime_error("as told"); },
            [open](flush_atom) {
                const auto copy = open->at(0);
                open->clear();
                copy.deliver(7);
                copy.deliver(to_caf(fail(error_code::internal, "too late")));
            }};
}

class OwedAnswers : public actor_fixture {
  protected:
    template <class Handle>
    Handle mute() {
        const caf::actor made = own(system_->spawn(mute_behavior, 0));
        return caf::actor_cast<Handle>(caf::actor_cast<caf::strong_actor_ptr>(made));
    }

    template <class Reply, class Handle, class... Args>
    void expect_unavailable_at_its_end(const Handle& actor, Args... request) {
        const auto answer = begin<Reply>(actor, std::move(request)...);
        run();
        ASSERT_FALSE(*answer) << "not open any more";
        caf::anon_send_exit(actor, caf::exit_reason::kill);
        run();
        expect_unavailable(*answer);
    }
    template <class Reply>
    static void expect_unavailable(const std::optional<outcome<Reply>>& answer) {
        ASSERT_TRUE(answer) << "nobody has answered";
        ASSERT_FALSE(*answer);
        EXPECT_EQ(answer->failure().code, error_code::unavailable) << answer->failure().what;
    }

    static request_context from_root() {
        return {{caller_role::root, 0, account_name{"root"}, {}}, steady_now_ms() + 60'000};
    }

    const temporary_folder folder_;
    snapshot<account_directory> accounts_;
    snapshot<mail_policy> policy_;
};

TEST_F(OwedAnswers, OfAHandlerThatThrowsAreGivenToAllWhoWait) {
    std::vector<owed_answer<int>> open;
    const auto actor = own(spawn_on(*system_, thread_use::shared, throwing_behavior, &open));
    const auto later = begin<int>(actor, 1);
    run();
    const auto in_hand = begin<int>(actor, true);
    const auto in_mailbox = begin<int>(actor, 2);
    run();
    expect_unavailable(*in_hand);
    expect_unavailable(*in_mailbox);
    EXPECT_FALSE(*later);
    open.clear();  // as the end of its state does
    run();
    expect_unavailable(*later);
}

TEST_F(OwedAnswers, ThatAreGivenCountOnce) {
    std::vector<owed_answer<int>> open;
    const auto actor = own(spawn_on(*system_, thread_use::shared, throwing_behavior, &open));
    const auto answer = begin<int>(actor, 1);
    run();
    caf::anon_send(actor, flush_atom_v);
    run();
    ASSERT_TRUE(*answer && **answer);
    EXPECT_EQ(***answer, 7);
}

TEST_F(OwedAnswers, OfTheIntake) {
    intake_options options;
    options.rate_limiter = mute<rate_limiter_actor>();
    options.scanner = mute<scanner_actor>();
    options.statistics = mute<statistics_actor>();
    options.directory = &accounts_;
    options.policy = &policy_;
    options.clock = &time_;
    const auto intake = own(make_intake(*system_, options));
    expect_unavailable_at_its_end<mail_verdict>(intake, judge_mail{}, from_root(), mail_bytes("x"));
}

TEST_F(OwedAnswers, OfTheScanner) {
    scanner_options options;
    options.checker = std::make_shared<fake_checker>();
    options.attachments = mute<attachment_desk>();
    options.clock = &time_;
    const auto scanner = own(make_scanner(*system_, options));
    scan_mail scan;
    scan.deadline_at_ms = steady_now_ms() + 60'000;
    expect_unavailable_at_its_end<scan_result>(scanner, scan, mail_bytes("x"));
}

TEST_F(OwedAnswers, OfTheAttachmentDesk) {
    attachment_desk_options options;
    options.workers = {mute<attachment_worker>()};
    const auto desk = own(make_attachment_desk(*system_, options));
    const look_into_mail look{steady_now_ms() + 60'000, {}};
    const auto waits = begin<attachments_found>(desk, look, mail_bytes("x"));
    run();
    expect_unavailable_at_its_end<attachments_found>(desk, look, mail_bytes("x"));
    expect_unavailable(*waits);
}

TEST_F(OwedAnswers, OfStatistics) {
    statistics_options options;
    options.path = folder_.path("statistics.db");
    options.rate_limiter = mute<rate_limiter_actor>();
    options.policy = &policy_;
    options.accounts = &accounts_;
    options.clock = &time_;
    const auto statistics = own(make_statistics(*system_, thread_use::shared, options));
    // Who reports is asked first, and here he doesn't say.
    caf::send_as(mute<caf::actor>(), statistics, mails_judged{});
    run();
    const auto report = begin<activity_report>(statistics, get_activity{}, from_root());
    get_incoming_stats incoming;
    incoming.days = 1;
    expect_unavailable_at_its_end<incoming_stats>(statistics, incoming, from_root());
    expect_unavailable(*report);
}

TEST_F(OwedAnswers, OfSettings) {
    settings_options options;
    options.path = folder_.path("settings.db");
    options.rate_limiter = mute<rate_limiter_actor>();
    options.statistics = mute<statistics_actor>();
    options.accounts = &accounts_;
    options.policy = &policy_;
    options.clock = &time_;
    const auto settings = own(make_settings(*system_, thread_use::shared, options));
    change_limits limits;
    limits.ids = {any_id};
    const auto changed = begin<limit_list>(settings, limits, from_root());
    expect_unavailable_at_its_end<counts_reset>(settings, reset_counts{{any_id}}, from_root());
    expect_unavailable(*changed);
}

TEST_F(OwedAnswers, OfTheSupervisor) {
    const auto part = own(system_->spawn(once_behavior, 0));
    closed_door door;
    supervisor_options options;
    options.parts.push_back({"a", [part] { return [part] { return part; }; }});
    options.door = &door;
    options.time = &time_;
    options.start_on = thread_use::shared;
    const auto supervisor = own(make_supervisor(*system_, options));
    caf::anon_send(supervisor, begin_atom_v);
    run();
    expect_unavailable_at_its_end<engine_status>(supervisor, get_status{}, from_root());
}

// Mails wait for those that come with them; a releasing waits for the courier.
TEST_F(QuarantineActor, OwesAnswersToHoldsAndReleases) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto released = begin_release({id_of(1)});
    ASSERT_FALSE(*released);
    const auto held = begin_hold(hold_of(2));
    // Not an exit by anon_send_exit(), which overtakes the mail.
    caf::anon_send(caf::actor_cast<caf::actor>(quarantine_),
                   caf::exit_msg{caf::actor_addr{}, caf::exit_reason::kill});
    run();
    ASSERT_TRUE(*released && *held);
    EXPECT_EQ((*released)->failure().code, error_code::unavailable);
    EXPECT_EQ((*held)->failure().code, error_code::unavailable);
}

}  // namespace
}  // namespace ie::testing
