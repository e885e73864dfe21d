#include "gateway/zmq/gateway.hpp"

#include <future>
#include <sstream>

#include "gateway/zmq/routes.hpp"
#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

using testing::accept_mail;
using testing::frame_socket;
using testing::gateway_fixture;
using testing::head_of;
using testing::helper_process;
using testing::lose_promise;
using testing::soon_ms;
using testing::within_ms;

constexpr uint32_t uid_of_mail = 8;  // hook.user in these tests (Debian's fixed uids)
constexpr uint32_t uid_of_nobody = 65'534;
constexpr uint32_t uid_of_stranger = 12'345;

class Gateway : public gateway_fixture {
  protected:
    // Waits until nothing counts against the credit for mails any more.
    bool takes_a_mail_again(const std::string& bytes = {}) {
        client asker = make_client();
        return within_ms(soon_ms, [&] {
            return static_cast<bool>(asker.ask<mail_verdict>(judge_mail{}, mail_bytes(bytes)));
        });
    }
};

struct callers_case {
    const char* name;
    uint32_t uid;
    std::string allowed;  // requests, each with a space after it
};

class EachRoute : public gateway_fixture, public ::testing::WithParamInterface<callers_case> {};

TEST_P(EachRoute, LetsInWhomTheTableNames) {
    start();
    const helper_process asking({"ask", std::to_string(GetParam().uid), settings.engine.endpoint});
    std::istringstream lines(asking.read_all());
    size_t count = 0;
    for (std::string name, code; lines >> name >> code; ++count) {
        const bool allowed = (" " + GetParam().allowed).find(" " + name + " ") != std::string::npos;
        EXPECT_EQ(code, allowed ? "ok" : "not_permitted") << name;
    }
    EXPECT_EQ(count, all_routes().size());
}

INSTANTIATE_TEST_SUITE_P(
    Callers, EachRoute,
    ::testing::Values(
        callers_case{
            "root", 0,
            "judge_mail hold_mail confirm_release list_mails show_mail release_mails "
            "remove_mails list_accounts purge_account check_store edit_account get_activity "
            "get_settings change_settings list_limits "
            "change_limits reset_counts list_whitelist change_whitelist list_audit "
            "get_incoming change_incoming get_incoming_stats get_status advance_clock "},
        callers_case{"exim", uid_of_mail, "judge_mail hold_mail confirm_release get_status "},
        callers_case{"owner", uid_of_nobody,
                     "list_mails show_mail release_mails remove_mails list_accounts "
                     "purge_account get_activity get_incoming change_incoming "
                     "get_incoming_stats "},
        callers_case{"stranger", uid_of_stranger, ""}),
    [](const auto& each) { return each.param.name; });

TEST_F(Gateway, PutsOnRecordWhoAskedForWhatHeMayNotHave) {
    start();
    const helper_process asking({"ask", std::to_string(uid_of_nobody), settings.engine.endpoint});
    asking.read_all();
    ASSERT_TRUE(within_ms(soon_ms, [&] { return trail.refusals().size() == 15; }));
    const auto seen = trail.refusals();
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const request_refused& each) {
        return each.who.uid == uid_of_nobody && each.who.account.value == "nobody";
    }));
    EXPECT_EQ(seen.front().request, "judge_mail");
    EXPECT_EQ(seen.front().what, "uid 65534 (account) may not judge_mail");
}

TEST_F(Gateway, PutsOnRecordWhomAnActorHasRefused) {
    start([](auto&&...) -> caf::result<mail_verdict> {
        return to_caf(fail(error_code::not_permitted, "not this one"));
    });
    EXPECT_FALSE(make_client().ask<mail_verdict>(judge_mail{}));
    ASSERT_TRUE(within_ms(soon_ms, [&] { return trail.refusals().size() == 1; }));
    EXPECT_EQ(trail.refusals()[0].request, "judge_mail");
    EXPECT_EQ(trail.refusals()[0].what, "not this one");
    EXPECT_EQ(trail.refusals()[0].who.uid, 0U);
}

TEST_F(Gateway, GivesTheActorTheCallerTheBytesAndTheDeadline) {
    std::promise<std::pair<request_context, std::string>> seen;
    start([&](auto&, const judge_mail&, const request_context& context, const mail_bytes& bytes) {
        seen.set_value({context, std::string(bytes.view())});
        return mail_verdict{};
    });
    const int64_t before = steady_now_ms();
    ASSERT_TRUE(make_client(9'000).ask<mail_verdict>(judge_mail{}, mail_bytes(std::string("m"))));
    const auto [context, bytes] = seen.get_future().get();
    EXPECT_EQ(context.who.role, caller_role::root);
    EXPECT_EQ(context.who.uid, 0U);
    EXPECT_EQ(context.who.account.value, root_account);
    EXPECT_GT(context.deadline_at_ms, before);
    EXPECT_LE(context.deadline_at_ms, steady_now_ms() + 9'000);
    EXPECT_EQ(bytes, "m");
}

TEST_F(Gateway, AnswersWithAMailsBytes) {
    shown = mail_bytes(std::string(3 << 20, 'r'));
    start();
    const auto reply = make_client().ask_for_bytes<mail_details>(show_mail{});
    ASSERT_TRUE(reply) << reply.failure().what;
    EXPECT_EQ(reply->bytes, shown);
}

TEST_F(Gateway, AnswersREQClients) {
    start();
    frame_socket asker(settings.engine.endpoint, zmq::socket_type::req);
    asker.send({head_of("judge_mail"), encode(judge_mail{}), "a mail"});
    const auto reply = asker.receive();
    ASSERT_EQ(reply.size(), 2U);  // REQ takes the delimiter off
    EXPECT_EQ(decode_head(reply[0])->name, mail_verdict::name);
    EXPECT_EQ(decode_head(reply[0])->request_id, 7U);
    EXPECT_TRUE(decode<mail_verdict>(reply[1]));
}

TEST_F(Gateway, AnswersADEALERAsItAsksWithDelimiterOrWithout) {
    start();
    frame_socket asker(settings.engine.endpoint);
    asker.send({"", head_of("judge_mail", 1), encode(judge_mail{})});
    EXPECT_EQ(asker.receive().size(), 3U);
    asker.send({head_of("judge_mail", 2), encode(judge_mail{})});
    EXPECT_EQ(asker.receive().size(), 2U);
}

TEST_F(Gateway, RefusesADeadlineOfZero) {
    start();
    frame_socket asker(settings.engine.endpoint);
    const error why = asker.refusal_of({head_of("judge_mail", 7, 0), encode(judge_mail{})});
    EXPECT_EQ(why,
              fail(error_code::deadline_exceeded, "judge_mail: its deadline was over already"));
    EXPECT_EQ(asker.last_request_id, 7U);
}

TEST_F(Gateway, EndsARequestByItsDeadline) {
    start(hold_fast());
    frame_socket asker(settings.engine.endpoint);
    const error why = asker.refusal_of({head_of("judge_mail", 7, 30), encode(judge_mail{})});
    EXPECT_EQ(why, fail(error_code::deadline_exceeded, "judge_mail: no answer in time"));
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 0; }));
}

TEST_F(Gateway, IsBusyBeyondItsMailsUntilTheyAreAnswered) {
    settings.gateway.mails_in_flight_max = 2;
    start(hold_fast());
    frame_socket first(settings.engine.endpoint);
    first.send({"", head_of("judge_mail", 1), encode(judge_mail{})});
    first.send({"", head_of("judge_mail", 2), encode(judge_mail{})});
    const error why = first.refusal_of({head_of("judge_mail", 3), encode(judge_mail{})});
    EXPECT_EQ(why, fail(error_code::busy, "judge_mail: 2 mails are in flight"));
    EXPECT_EQ(first.last_request_id, 3U);
    EXPECT_TRUE(make_client().ask<mail_list>(list_mails{})) << "carries no mail";
    held.open();
    EXPECT_EQ(first.receive().size(), 3U);
    EXPECT_EQ(first.receive().size(), 3U);
    EXPECT_TRUE(takes_a_mail_again());
}

TEST_F(Gateway, IsBusyBeyondItsBytesUntilTheyAreLetGo) {
    settings.gateway.mail_bytes_max = 700'000;
    settings.gateway.bytes_in_flight_max = 1'000'000;
    start(hold_fast());
    const std::string mail(600'000, 'x');
    frame_socket asker(settings.engine.endpoint);
    asker.send({"", head_of("judge_mail", 1), encode(judge_mail{}), mail});
    const error why = asker.refusal_of({head_of("judge_mail", 2), encode(judge_mail{}), mail});
    EXPECT_EQ(why, fail(error_code::busy, "judge_mail: 1000000 bytes are in flight"));
    held.open();
    EXPECT_EQ(asker.receive().size(), 3U);
    EXPECT_TRUE(takes_a_mail_again(mail));
}

TEST_F(Gateway, BytesThatAnActorKeepsStayCountedAfterItsAnswer) {
    settings.gateway.mail_bytes_max = 700'000;
    settings.gateway.bytes_in_flight_max = 1'000'000;
    auto kept = std::make_shared<mail_bytes>();
    start([kept](auto&, const judge_mail&, const request_context&, const mail_bytes& bytes) {
        *kept = bytes;
        return mail_verdict{};
    });
    const std::string mail(600'000, 'x');
    client asker = make_client();
    ASSERT_TRUE(asker.ask<mail_verdict>(judge_mail{}, mail_bytes(mail)));
    const auto second = asker.ask<mail_verdict>(judge_mail{}, mail_bytes(mail));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.failure().code, error_code::busy);
    *kept = {};
    EXPECT_TRUE(takes_a_mail_again(mail));
}

TEST_F(Gateway, GivesCreditBackWhenAnActorFails) {
    settings.gateway.mails_in_flight_max = 1;
    start([](auto&, auto&, auto&, auto&) -> caf::result<mail_verdict> {
        return to_caf(fail(error_code::storage_failed, "disk: No space left on device"));
    });
    client asker = make_client();
    for (int i = 0; i < 5; ++i) {
        const auto reply = asker.ask<mail_verdict>(judge_mail{}, mail_bytes(std::string("m")));
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.failure(),
                  fail(error_code::storage_failed, "disk: No space left on device"));
    }
}

TEST_F(Gateway, GivesCreditBackSomeTimeAfterADeadlineThatNoAnswerMet) {
    settings.gateway.mails_in_flight_max = 1;
    start(lose_promise);
    frame_socket asker(settings.engine.endpoint);
    const auto lost = asker.refusal_of({head_of("judge_mail", 7, 50), encode(judge_mail{}), "m"});
    EXPECT_EQ(lost.code, error_code::deadline_exceeded);
    attach(accept_mail);
    EXPECT_TRUE(takes_a_mail_again("m"));
}

TEST_F(Gateway, GivesCreditBackForClientsThatAreGone) {
    settings.gateway.mails_in_flight_max = 1;
    start(hold_fast());
    {
        frame_socket asker(settings.engine.endpoint);
        asker.send({"", head_of("judge_mail"), encode(judge_mail{})});
        ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 1; }));
    }
    held.open();
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 0; }));
    EXPECT_TRUE(takes_a_mail_again());
}

TEST_F(Gateway, IsUnavailableUntilActorsAreAttached) {
    auto made = gateway::start(system, settings, accounts);
    ASSERT_TRUE(made) << made.failure().what;
    door = std::move(*made);
    const auto early = make_client().ask<mail_verdict>(judge_mail{});
    ASSERT_FALSE(early);
    EXPECT_EQ(early.failure().code, error_code::unavailable);
    attach(accept_mail);
    EXPECT_TRUE(make_client().ask<mail_verdict>(judge_mail{}));
}

TEST_F(Gateway, AnActorThatDiedIsUnavailableAndItsSuccessorServes) {
    start([](auto& self, auto&, auto&, auto&) -> caf::result<mail_verdict> {
        self.quit(caf::exit_reason::user_shutdown);
        return to_caf(fail(error_code::internal, "dying"));
    });
    client asker = make_client();
    ASSERT_FALSE(asker.ask<mail_verdict>(judge_mail{}));
    const auto dead = asker.ask<mail_verdict>(judge_mail{});
    ASSERT_FALSE(dead);
    EXPECT_EQ(dead.failure().code, error_code::unavailable);
    attach(accept_mail);
    EXPECT_TRUE(asker.ask<mail_verdict>(judge_mail{}));
}

TEST_F(Gateway, DrainingFinishesWhatIsInFlightAndTakesNothingNew) {
    start(hold_fast());
    frame_socket early(settings.engine.endpoint);
    early.send({"", head_of("judge_mail"), encode(judge_mail{})});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 1; }));
    door->drain();
    const auto late = make_client().ask<mail_verdict>(judge_mail{});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.failure(), fail(error_code::unavailable, "the engine is stopping"));
    held.open();
    const auto reply = early.receive();
    ASSERT_EQ(reply.size(), 3U);
    EXPECT_EQ(decode_head(reply[1])->name, mail_verdict::name);
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 0; }));
}

TEST_F(Gateway, StoppingAnswersWhatIsInFlight) {
    start(hold_fast());
    frame_socket asker(settings.engine.endpoint);
    asker.send({"", head_of("judge_mail"), encode(judge_mail{})});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 1; }));
    door->stop();
    const auto reply = asker.receive();
    ASSERT_EQ(reply.size(), 3U);
    EXPECT_EQ(decode_error(reply[2]).code, error_code::unavailable);
    EXPECT_TRUE(
        within_ms(soon_ms, [&] { return !std::filesystem::exists(folder.path("engine.sock")); }));
}

}  // namespace
}  // namespace ie
