// The judge socket of a hook that runs, against an engine that answers, is absent, hangs or dies.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <future>

#include "gateway/exim_hook/ticket.hpp"
#include "messages/release.hpp"
#include "messages/steady_clock.hpp"
#include "tests/fault/hook_fixture.hpp"

namespace ie {
namespace {

constexpr const char* accepted = "accept\n-\n-\n-\n";
constexpr const char* held_id = "ef69f707-d547-4b29-b8f0-f5331821c930";
constexpr const char* queue = "1nFEym-0005TO-Qs";

mail_verdict verdict_of(verdict_action action, const std::string& text = {}) {
    mail_verdict verdict;
    verdict.action = action;
    verdict.text = text;
    verdict.ticket.id = mail_id{held_id};
    return verdict;
}

std::optional<parcel> accept_all(const parcel& request) {
    return reply_to(request, verdict_of(verdict_action::accept));
}

std::optional<parcel> refuse_all(const parcel& request) {
    return reply_to(request, verdict_of(verdict_action::refuse, "no"));
}

std::optional<parcel> say_nothing(const parcel&) {
    return std::nullopt;
}

class HookJudge : public hook_fixture {};

TEST_F(HookJudge, GivesTheEngineTheMailAndEximTheVerdict) {
    std::promise<parcel> seen;
    start_engine([&](const parcel& request) {
        seen.set_value(request);
        return reply_to(request, verdict_of(verdict_action::refuse, "Not from here"));
    });
    start_hook();
    EXPECT_EQ(judge(), "refuse\n-\n-\nNot from here\n");
    const parcel request = seen.get_future().get();
    EXPECT_EQ(request.bytes.view(), "Subject: hello\n\nbody\n");
    EXPECT_EQ(request.head.deadline_ms, settings_.hook.judge_timeout_ms);
    const auto mail = decode<judge_mail>(request.body);
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->queue_id.value, queue);
    EXPECT_EQ(mail->protocol, "esmtpa");
    EXPECT_EQ(mail->originator_uid, 102U);
    EXPECT_EQ(mail->authenticated_id, "alice");
    EXPECT_EQ(mail->client_address, "192.0.2.7");
    EXPECT_EQ(mail->client_port, 4711);
    EXPECT_EQ(mail->helo, "mail.test");
    EXPECT_EQ(mail->sender, "alice@alice.test");
    EXPECT_THAT(mail->recipients,
                ::testing::ElementsAre("bob@far.test", "\"odd, local\"@far.test"));
    EXPECT_FALSE(mail->headers_cut);
}

TEST_F(HookJudge, TellsTheEngineThatEximCutTheHeaders) {
    std::atomic<bool> cut = false;
    start_engine([&](const parcel& request) {
        cut = decode<judge_mail>(request.body)->headers_cut;
        return accept_all(request);
    });
    start_hook();
    EXPECT_EQ(judge({.headers = std::string(65'536, 'x')}), accepted);
    EXPECT_TRUE(cut);
    EXPECT_EQ(judge({.headers = std::string(65'535, 'x')}), accepted);
    EXPECT_FALSE(cut);
}

TEST_F(HookJudge, TakesLargeMailsAndManyRecipients) {
    std::atomic<size_t> size = 0;
    std::atomic<size_t> recipients = 0;
    start_engine([&](const parcel& request) {
        size = request.bytes.size();
        recipients = decode<judge_mail>(request.body)->recipients.size();
        return accept_all(request);
    });
    start_hook();
    store_body(queue, std::string(20 << 20, '\0'));
    std::string joined = "r@x.test";
    for (int i = 1; i < 3000; ++i) joined += ", r" + std::to_string(i) + "@x.test";
    EXPECT_EQ(judge({.recipients = joined}), accepted);
    EXPECT_EQ(size, (20U << 20) + 16);
    EXPECT_EQ(recipients, 3000U);
}

TEST_F(HookJudge, LetsMailGoOnWithoutAnEngine) {
    start_hook();
    EXPECT_EQ(judge(), accepted);
    EXPECT_TRUE(logged("policy_applied mail=1nFEym-0005TO-Qs action=accept reason=unavailable"));
}

TEST_F(HookJudge, DefersWithoutAnEngineOnlyWhatCanBeOfferedAgain) {
    settings_.hook.fail_open = fail_policy::defer;
    start_hook();
    EXPECT_EQ(judge().substr(0, 10), "defer\n-\n-\n");
    EXPECT_EQ(judge({.client = ""}), accepted);
    EXPECT_EQ(judge({.sender = ""}), accepted);
}

TEST_F(HookJudge, AppliesThePolicyWhateverTheEngineFailsWith) {
    start_engine([](const parcel& request) {
        return reply_to(request, fail(error_code::conflict, "something is odd"));
    });
    start_hook();
    EXPECT_EQ(judge(), accepted);
    EXPECT_TRUE(logged("action=accept reason=conflict what=\"something is odd\""));
}

TEST_F(HookJudge, DefersWhatAClientOfThisMachineLeftBehindWhateverThePolicy) {
    const file_handle listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in here{};
    socklen_t size = sizeof here;
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&here), size), 0);
    ASSERT_EQ(listen(listener.get(), 1), 0);
    ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&here), &size), 0);
    exim_mail mail{.client = "127.0.0.1", .login = "", .server_port = ntohs(here.sin_port)};
    start_engine(accept_all);
    start_hook();
    EXPECT_EQ(judge(mail).substr(0, 10), "defer\n-\n-\n");
    EXPECT_TRUE(logged("action=defer reason=client_gone"));
    EXPECT_EQ(engine_->received(), 0U);
    mail.login = "alice";
    EXPECT_EQ(judge(mail), accepted);
    EXPECT_EQ(engine_->received(), 1U);
}

TEST_F(HookJudge, SaysThatItsContentScannerIsNobody) {
    settings_.hook.scanner_user = "amavsi";
    start_hook();
    EXPECT_TRUE(logged("settings_rejected what=\"hook.scanner_user: there is no user amavsi"));
    EXPECT_EQ(judge(), accepted);
}

TEST_F(HookJudge, GivesUpOnAnEngineThatHangsByTheDeadline) {
    settings_.hook.judge_timeout_ms = 200;
    start_engine(say_nothing);
    start_hook();
    const int64_t before = steady_now_ms();
    EXPECT_EQ(judge(), accepted);
    EXPECT_GE(steady_now_ms() - before, 200);
    EXPECT_TRUE(eventually([&] { return engine_->received() == 1; }));
    EXPECT_TRUE(logged("reason=deadline_exceeded"));
}

TEST_F(HookJudge, GivesUpAtOnceOnAnEngineThatDiesInMidRequest) {
    start_engine(say_nothing);
    start_hook();
    const unix_client client(settings_.hook.judge_socket);
    client.say(judge_text({}));
    client.end();
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    engine_->stop();
    EXPECT_EQ(client.rest(), accepted);  // the deadline is beyond the client's patience
    EXPECT_TRUE(logged("reason=unavailable"));
    EXPECT_TRUE(logged("engine_absent"));
}

TEST_F(HookJudge, AppliesThePolicyWhenTheEngineIsBusy) {
    start_engine([](const parcel& request) {
        return reply_to(request, fail(error_code::busy, "no credit"));
    });
    start_hook();
    EXPECT_EQ(judge(), accepted);
    EXPECT_TRUE(logged("reason=busy what=\"no credit\""));
}

TEST_F(HookJudge, AppliesThePolicyToAnAnswerThatIsNone) {
    start_engine([](const parcel& request) {
        parcel reply = reply_to(request, verdict_of(verdict_action::refuse));
        reply.body = "\xC1";
        return reply;
    });
    start_hook();
    EXPECT_EQ(judge(), accepted);
    EXPECT_TRUE(logged("policy_applied mail=1nFEym-0005TO-Qs action=accept reason=bad_request"));
}

TEST_F(HookJudge, AsksTheEngineAgainOnceItIsBack) {
    start_hook();
    EXPECT_EQ(judge(), accepted);
    start_engine(refuse_all);
    EXPECT_TRUE(eventually([&] { return judge() == "refuse\n-\n-\nno\n"; }));
    engine_->stop();
    EXPECT_TRUE(eventually([&] { return judge() == accepted; }));
    start_engine(refuse_all);
    EXPECT_TRUE(eventually([&] { return judge() == "refuse\n-\n-\nno\n"; }));
}

TEST_F(HookJudge, WaitsForTheEngineBeforeItsFirstAnswer) {
    start_hook({.engine_wait_ms_max = patience_ms});
    const unix_client client(settings_.hook.judge_socket);
    client.say(judge_text({}));
    client.end();
    start_engine(refuse_all);
    EXPECT_EQ(client.rest(), "refuse\n-\n-\nno\n");
}

TEST_F(HookJudge, AppliesThePolicyWhereTheSpoolHasNoSuchMail) {
    start_engine(refuse_all);
    start_hook();
    EXPECT_EQ(judge({.id = "1nFEym-0005TO-Qt"}), accepted);
    EXPECT_TRUE(logged("reason=not_found"));
    EXPECT_EQ(engine_->received(), 0U);
}

TEST_F(HookJudge, AppliesThePolicyToAMailBeyondTheBound) {
    settings_.gateway.mail_bytes_max = 1 << 20;
    start_engine(refuse_all);
    start_hook();
    store_body(queue, std::string(1 << 20, 'x'));
    EXPECT_EQ(judge(), accepted);
    EXPECT_TRUE(logged("reason=too_large"));
}

TEST_F(HookJudge, HasOnlySoManyBytesUnderWay) {
    settings_.gateway.bytes_in_flight_max = 1 << 20;
    start_engine(say_nothing);
    start_hook();
    store_body(queue, std::string(2 << 20, 'x'));
    const unix_client first(settings_.hook.judge_socket);
    first.say(judge_text({}));
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    EXPECT_EQ(judge(), accepted);
    EXPECT_TRUE(logged("reason=busy"));
    EXPECT_EQ(engine_->received(), 1U);
}

TEST_F(HookJudge, ClosesWithoutAnAnswerWhatItCanNotRead) {
    start_engine(refuse_all);
    start_hook();
    EXPECT_EQ(ask("GET / HTTP/1.0\n\n"), "");
    EXPECT_EQ(ask("judge 1\nEND\n"), "");
    EXPECT_EQ(ask(judge_text({}).substr(0, 100)), "");
    EXPECT_TRUE(logged("request_refused socket=judge"));
    EXPECT_EQ(judge(), "refuse\n-\n-\nno\n");
}

TEST_F(HookJudge, SaysWhetherAReleasedMailIsToBeDelivered) {
    start_engine([](const parcel& request) -> std::optional<parcel> {
        const auto asked = decode<confirm_release>(request.body);
        if (asked->queue_id.value == queue) return reply_to(request, release_confirmed{true});
        return reply_to(request, release_confirmed{false});
    });
    start_hook();
    EXPECT_EQ(ask(confirm_text(held_id, queue)), "deliver\n");
    EXPECT_EQ(ask(confirm_text(held_id, "1nFEym-0005TO-Qt")), "duplicate\n");
}

TEST_F(HookJudge, AsksOnceForAllRecipientsOfAReleasedMail) {
    start_engine([](const parcel& request) { return reply_to(request, release_confirmed{true}); });
    start_hook();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(confirm_text(held_id, queue)), "deliver\n");
    EXPECT_EQ(engine_->received(), 1U);
}

TEST_F(HookJudge, AReleasedMailWaitsWithoutTheEnginesWord) {
    start_hook();
    EXPECT_EQ(ask(confirm_text(held_id, queue)), "later\n");
    start_engine([](const parcel& request) {
        return reply_to(request, fail(error_code::not_found, "no such mail"));
    });
    EXPECT_TRUE(eventually(
        [&] { return engine_->received() > 0 || ask(confirm_text(held_id, queue)) != "later\n"; }));
    EXPECT_EQ(ask(confirm_text(held_id, queue)), "later\n");
    EXPECT_TRUE(logged("reason=not_found"));
}

TEST_F(HookJudge, FinishesWhatIsInHandWhenItIsToldToEnd) {
    std::promise<void> gate;
    auto opened = gate.get_future().share();
    start_engine([opened](const parcel& request) {
        opened.wait();
        return accept_all(request);
    });
    start_hook({.drain_ms_max = patience_ms});
    const unix_client client(settings_.hook.judge_socket);
    const unix_client silent(settings_.hook.judge_socket);
    client.say(judge_text({}));
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    signal_hook();
    EXPECT_EQ(silent.rest(), "");
    EXPECT_TRUE(eventually([&] { return !unix_client(settings_.hook.judge_socket).connected(); }));
    EXPECT_TRUE(client.silent_for(0));
    gate.set_value();
    EXPECT_EQ(client.rest(), accepted);
}

TEST_F(HookJudge, EndsInTimeThoughAnEngineHangs) {
    start_engine(say_nothing);
    start_hook({.drain_ms_max = 100});
    const unix_client client(settings_.hook.judge_socket);
    client.say(judge_text({}));
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    stop_hook();
    EXPECT_EQ(client.rest(), "");
}

}  // namespace
}  // namespace ie
