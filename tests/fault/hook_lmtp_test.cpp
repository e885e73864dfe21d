// The LMTP socket of a hook that runs: 250 only after the engine's word, 451 for all else.
#include <gmock/gmock.h>

#include <future>

#include "gateway/exim_hook/ticket.hpp"
#include "tests/fault/hook_fixture.hpp"

namespace ie {
namespace {

const mail_id held_id{"ef69f707-d547-4b29-b8f0-f5331821c930"};

std::string ticket() {
    ticket_envelope envelope;
    envelope.ticket.id = held_id;
    envelope.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    return *ticket_text(envelope);
}

std::optional<parcel> hold_all(const parcel& request) {
    return reply_to(request, mail_held{held_id});
}
std::optional<parcel> say_nothing(const parcel&) {
    return std::nullopt;
}

class HookLmtp : public hook_fixture {};

TEST_F(HookLmtp, CarriesTheTicketFromTheVerdictToTheQuarantine) {
    mail_verdict verdict;
    verdict.action = verdict_action::hold;
    verdict.ticket.id = held_id;
    verdict.ticket.sender = "alice@alice.test";
    verdict.ticket.reasons = {hold_reason::spam};
    verdict.ticket.score = 15.5;
    std::promise<parcel> seen;
    start_engine([&](const parcel& request) -> std::optional<parcel> {
        if (request.head.name == judge_mail::name) return reply_to(request, verdict);
        seen.set_value(request);
        return hold_all(request);
    });
    start_hook();
    const std::string reply = judge();
    ASSERT_EQ(reply.substr(0, 9), "hold\nall\n");
    const std::string word = reply.substr(9, reply.find('\n', 9) - 9);
    EXPECT_EQ(hold(word, "Subject: x\r\n\r\n..dot\r\n", 2), "250 2.0.0 held\r\n250 2.0.0 held\r\n");
    const parcel request = seen.get_future().get();
    const auto mail = decode<hold_mail>(request.body);
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->ticket, verdict.ticket);
    EXPECT_EQ(mail->queue_id.value, "1nFEym-0005TO-Qs");
    EXPECT_THAT(mail->recipients, ::testing::ElementsAre("r0@x", "r1@x"));
    EXPECT_EQ(request.bytes.view(), "Subject: x\n\n.dot\n");
}

TEST_F(HookLmtp, SaysNothingBeforeTheEngineHas) {
    std::promise<void> gate;
    auto opened = gate.get_future().share();
    start_engine([opened](const parcel& request) {
        opened.wait();
        return hold_all(request);
    });
    start_hook();
    const auto client = lmtp();
    client.say("LHLO here\r\nMAIL FROM:<" + ticket() + ">\r\nRCPT TO:<a@x>\r\nDATA\r\n");
    std::string line = client.line();
    while (!line.empty() && !line.starts_with("354 ")) line = client.line();
    ASSERT_TRUE(line.starts_with("354 "));
    client.say("x\r\n.\r\n");
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    EXPECT_TRUE(client.silent_for(50));
    gate.set_value();
    EXPECT_EQ(client.line(), "250 2.0.0 held\r\n");
}

TEST_F(HookLmtp, LeavesTheMailToEximWithoutAnEngine) {
    start_hook();
    EXPECT_EQ(hold(ticket(), "x\r\n").substr(0, 4), "451 ");
    EXPECT_TRUE(logged("hold_failed mail=1nFEym-0005TO-Qs"));
}

TEST_F(HookLmtp, LeavesTheMailToEximWhenTheEngineCanNotStoreIt) {
    start_engine([](const parcel& request) {
        return reply_to(request, fail(error_code::storage_failed, "disk full"));
    });
    start_hook();
    EXPECT_EQ(hold(ticket(), "x\r\n", 2),
              "451 4.3.0 not held: storage_failed: disk full\r\n"
              "451 4.3.0 not held: storage_failed: disk full\r\n");
}

TEST_F(HookLmtp, LeavesTheMailToEximWhenTheEngineHangs) {
    settings_.hook.hold_timeout_ms = 100;
    start_engine(say_nothing);
    start_hook();
    EXPECT_EQ(hold(ticket(), "x\r\n").substr(0, 37), "451 4.3.0 not held: deadline_exceeded");
}

TEST_F(HookLmtp, LeavesTheMailToEximWhenTheEngineDies) {
    start_engine(say_nothing);
    start_hook();
    auto reply = std::async(std::launch::async, [&] { return hold(ticket(), "x\r\n"); });
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    engine_->stop();
    EXPECT_EQ(reply.get().substr(0, 4), "451 ");
}

TEST_F(HookLmtp, TakesSeveralMailsOnOneConnection) {
    start_engine(hold_all);
    start_hook();
    const auto client = lmtp();
    const std::string mail = "MAIL FROM:<" + ticket() + ">\r\nRCPT TO:<a@x>\r\nDATA\r\nx\r\n.\r\n";
    client.say("LHLO here\r\n" + mail + mail + mail + "QUIT\r\n");
    const std::string all = client.rest();
    size_t held = 0;
    for (size_t at = 0; (at = all.find("250 2.0.0 held\r\n", at)) != std::string::npos; ++at)
        ++held;
    EXPECT_EQ(held, 3U);
    EXPECT_TRUE(all.ends_with("221 2.0.0 bye\r\n"));
}

TEST_F(HookLmtp, TakesTwentyMegabytesAndThreeThousandRecipients) {
    std::atomic<size_t> size = 0;
    start_engine([&](const parcel& request) {
        size = request.bytes.size();
        return hold_all(request);
    });
    start_hook();
    const auto replies = hold(ticket(), std::string(20 << 20, '\0') + "\r\n", 3000);
    EXPECT_EQ(replies.size(), 3000 * std::string_view("250 2.0.0 held\r\n").size());
    EXPECT_EQ(size, (20U << 20) + 1);
}

TEST_F(HookLmtp, DefersMailForWhichThereIsNoMemory) {
    settings_.gateway.bytes_in_flight_max = 1 << 20;
    start_engine(hold_all);
    start_hook();
    EXPECT_EQ(hold(ticket(), std::string(2 << 20, 'x') + "\r\n").substr(0, 24),
              "451 4.3.0 not held: busy");
    EXPECT_EQ(hold(ticket(), "small\r\n"), "250 2.0.0 held\r\n");
}

TEST_F(HookLmtp, ReportsATicketThatIsNoneAndDefers) {
    start_hook();
    const auto client = lmtp();
    client.say("LHLO here\r\nMAIL FROM:<alice@alice.test>\r\nQUIT\r\n");
    EXPECT_NE(client.rest().find("\r\n451 4.3.0 "), std::string::npos);
    EXPECT_TRUE(logged("request_refused socket=lmtp"));
}

TEST_F(HookLmtp, FinishesTheMailInHandWhenItIsToldToEnd) {
    std::promise<void> gate;
    auto opened = gate.get_future().share();
    start_engine([opened](const parcel& request) {
        opened.wait();
        return hold_all(request);
    });
    start_hook({.drain_ms_max = patience_ms});
    const auto idle = lmtp();
    ASSERT_TRUE(idle.line().starts_with("220 "));
    auto reply = std::async(std::launch::async, [&] { return hold(ticket(), "x\r\n"); });
    ASSERT_TRUE(eventually([&] { return engine_->received() == 1; }));
    signal_hook();
    EXPECT_TRUE(idle.rest().starts_with("421 "));
    gate.set_value();
    EXPECT_EQ(reply.get(), "250 2.0.0 held\r\n");
}

}  // namespace
}  // namespace ie
