#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "actors/scanner/rspamd_client.hpp"
#include "config/clock.hpp"
#include "messages/steady_clock.hpp"
#include "tests/actor/stub_http_server.hpp"

namespace ie {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto patience = std::chrono::seconds(30);
const std::string good_body =
    R"({"is_skipped":false,"score":7.5,"required_score":15.0,"action":"add header"})";

// Results as they come, from whichever thread.
class results {
  public:
    void take(check_result result) {
        const std::lock_guard lock(mutex_);
        all_.push_back(std::move(result));
        came_.notify_all();
    }
    std::vector<check_result> wait_for(size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(came_.wait_for(lock, patience, [&] { return all_.size() >= count; }));
        return all_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<check_result> all_;
};

configuration::rspamd_part settings_for(const std::string& url, uint32_t timeout_ms = 20'000) {
    configuration::rspamd_part settings;
    settings.url = url;
    settings.timeout_ms = timeout_ms;
    settings.connections_max = 4;
    return settings;
}

check_request request_of(std::string mail, int64_t left_ms = 20'000) {
    check_request request;
    request.mail.sender = "alice@alice.test";
    request.submitter = "alice";
    request.bytes = mail_bytes(std::move(mail));
    request.deadline_at_ms = steady_now_ms() + left_ms;
    return request;
}

class asker {
  public:
    explicit asker(const configuration::rspamd_part& settings)
        : client_(make_rspamd_client(settings)) {}

    void ask(check_request request) {
        ++asked_;
        auto at_once = client_->check(std::move(request), [results = results_](check_result r) {
            results->take(std::move(r));
        });
        if (at_once) results_->take(std::move(*at_once));
    }
    std::vector<check_result> all() { return results_->wait_for(asked_); }
    check_result ask_one(check_request request) {
        ask(std::move(request));
        return all().back();
    }
    void end() { client_.reset(); }

  private:
    size_t asked_ = 0;
    std::shared_ptr<results> results_ = std::make_shared<results>();
    std::shared_ptr<spam_checker> client_;
};

check_result ask_server_that_sends(const std::string& reply, uint32_t timeout_ms = 20'000) {
    stub_http_server server([&](const http_request&) { return reply; });
    return asker(settings_for(server.url(), timeout_ms)).ask_one(request_of("a mail"));
}

TEST(RspamdClient, PostsTheMailByteForByteAndReadsTheReply) {
    stub_http_server server([](const http_request&) { return http_reply(good_body); });
    const std::string mail = "Subject: x\r\n\r\n.\r\n\0\xff\r\nno end"s;
    const auto result = asker(settings_for(server.url() + "/")).ask_one(request_of(mail));
    EXPECT_EQ(result.fault, check_fault::none) << result.what;
    EXPECT_DOUBLE_EQ(result.reply.score, 7.5);
    ASSERT_EQ(server.requests().size(), 1U);
    const auto request = server.requests()[0];
    EXPECT_EQ(request.body, mail);
    EXPECT_TRUE(request.head.starts_with("POST /checkv2 HTTP/1.1\r\n")) << request.head;
    EXPECT_THAT(request.head, HasSubstr("\r\nFrom: <alice@alice.test>\r\n"));
    EXPECT_THAT(request.head, HasSubstr("\r\nUser: alice\r\n"));
    EXPECT_THAT(request.head, HasSubstr("\r\nSettings-ID: outgoing\r\n"));
    EXPECT_THAT(request.head, Not(HasSubstr("Expect:")));
}

TEST(RspamdClient, AsksForIncomingMailUnderSettingsOfItsOwn) {
    stub_http_server server([](const http_request&) { return http_reply(good_body); });
    auto request = request_of("a mail");
    request.mail.direction = mail_direction::incoming;
    EXPECT_EQ(asker(settings_for(server.url())).ask_one(request).fault, check_fault::none);
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_THAT(server.requests()[0].head, HasSubstr("\r\nSettings-ID: incoming\r\n"));
}

TEST(RspamdClient, PostsAMailOfTwentyMegabytesAndAnEmptyOne) {
    stub_http_server server([](const http_request&) { return http_reply(good_body); });
    asker client(settings_for(server.url()));
    const std::string large(20 << 20, 'x');
    EXPECT_EQ(client.ask_one(request_of(large)).fault, check_fault::none);
    EXPECT_EQ(client.ask_one(request_of("")).fault, check_fault::none);
    EXPECT_TRUE(server.requests()[0].body == large);
    EXPECT_EQ(server.requests()[1].body, "");
}

TEST(RspamdClient, KeepsItsConnection) {
    stub_http_server server([](const http_request&) { return http_reply(good_body); });
    asker client(settings_for(server.url()));
    for (int i = 0; i < 20; ++i) client.ask_one(request_of("a mail"));
    EXPECT_EQ(server.requests().size(), 20U);
    EXPECT_EQ(server.connection_count(), 1U);
}

TEST(RspamdClient, AnswersAllWhereMoreAskThanThereAreConnections) {
    stub_http_server server([](const http_request&) {
        return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
               std::to_string(good_body.size()) + "\r\n\r\n" + good_body;
    });
    asker client(settings_for(server.url()));
    for (int i = 0; i < 200; ++i) client.ask(request_of("a mail"));
    for (const auto& result : client.all()) EXPECT_EQ(result.fault, check_fault::none);
    EXPECT_EQ(client.all().size(), 200U);
}

TEST(RspamdClient, CallsAnHtmlPageGarbage) {
    EXPECT_EQ(ask_server_that_sends(http_reply("<html>It works!</html>")).fault,
              check_fault::garbage);
}

TEST(RspamdClient, CallsWhatIsNotHttpGarbage) {
    EXPECT_EQ(ask_server_that_sends("220 mail.test ESMTP\r\n").fault, check_fault::garbage);
}

TEST(RspamdClient, CallsAServersErrorGarbageAndNamesIt) {
    const auto result = ask_server_that_sends(http_reply("{}", "503 Busy"));
    EXPECT_EQ(result.fault, check_fault::garbage);
    EXPECT_EQ(result.what, "HTTP 503");
}

TEST(RspamdClient, TellsARefusedMailFromASickRspamd) {
    EXPECT_EQ(ask_server_that_sends(http_reply("{}", "400 Bad")).fault, check_fault::refused);
}

TEST(RspamdClient, DoesNotFollowARedirect) {
    const auto result = ask_server_that_sends(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(result.what, "HTTP 302");
}

TEST(RspamdClient, StopsReadingAReplyWithoutEnd) {
    const auto result = ask_server_that_sends("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" +
                                              std::string(2 << 20, ' '));
    EXPECT_EQ(result.fault, check_fault::garbage);
}

TEST(RspamdClient, FindsTheVerdictAtTheStartOfAReplyThatIsTooLong) {
    const std::string body =
        good_body.substr(0, good_body.size() - 1) + ",\"urls\":[\"" + std::string(2 << 20, 'u');
    const auto result = ask_server_that_sends(http_reply(body));
    EXPECT_EQ(result.fault, check_fault::none) << result.what;
    EXPECT_EQ(result.reply.action, "add header");
}

TEST(RspamdClient, CallsOneWhoHangsUpAbsent) {
    const auto result = ask_server_that_sends("");
    EXPECT_EQ(result.fault, check_fault::absent);
    EXPECT_NE(result.what, "");
}

TEST(RspamdClient, CallsOneWhoHangsUpInTheMiddleGarbage) {
    stub_http_server server([](const http_request&) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"action\"");
    });
    asker client(settings_for(server.url()));
    client.ask(request_of("a mail"));
    while (server.requests().empty()) std::this_thread::yield();
    server.stop();
    EXPECT_NE(client.all()[0].fault, check_fault::none);
}

TEST(RspamdClient, KnowsAtOnceThatNobodyListens) {
    stub_http_server server([](const http_request&) { return http_reply(good_body); });
    server.stop();
    const int64_t begun_ms = steady_now_ms();
    const auto result = asker(settings_for(server.url())).ask_one(request_of("a mail"));
    EXPECT_EQ(result.fault, check_fault::absent);
    EXPECT_LT(steady_now_ms() - begun_ms, 15'000);  // of 20,000 that it might have taken
}

std::optional<std::string> silence(const http_request&) {
    return std::nullopt;
}

TEST(RspamdClient, GivesUpOnOneWhoNeverAnswers) {
    stub_http_server server(silence);
    const auto result = asker(settings_for(server.url(), 300)).ask_one(request_of("a mail"));
    EXPECT_EQ(result.fault, check_fault::slow) << result.what;
}

TEST(RspamdClient, AnswersBeforeTheCallersDeadline) {
    stub_http_server server(silence);
    auto request = request_of("a mail", 400);
    const int64_t deadline_at_ms = request.deadline_at_ms;
    const auto result = asker(settings_for(server.url())).ask_one(std::move(request));
    EXPECT_EQ(result.fault, check_fault::hurried) << "so little time says nothing of Rspamd";
    EXPECT_LT(steady_now_ms(), deadline_at_ms + 10'000);
}

TEST(RspamdClient, GivesUpOnThoseThatWaitForAConnectionToo) {
    stub_http_server server(silence);
    asker client(settings_for(server.url(), 300));
    for (int i = 0; i < 20; ++i) client.ask(request_of("a mail"));
    for (const auto& result : client.all()) EXPECT_EQ(result.fault, check_fault::slow);
}

TEST(RspamdClient, TurnsAwayAtOnceWhatFindsNoRoom) {
    stub_http_server server(silence);
    asker client(settings_for(server.url(), 60'000));
    for (size_t i = 0; i < rspamd_queue_max + 100; ++i) client.ask(request_of("a mail", 120'000));
    client.end();
    size_t turned_away = 0;
    for (const auto& result : client.all()) turned_away += result.fault == check_fault::hurried;
    EXPECT_GT(turned_away, 0U);
    EXPECT_LE(turned_away, 100U);
}

TEST(RspamdClient, AnswersAllThatAreUnderWayWhenItEnds) {
    stub_http_server server(silence);
    asker client(settings_for(server.url()));
    for (int i = 0; i < 20; ++i) client.ask(request_of("a mail"));
    client.end();
    for (const auto& result : client.all()) EXPECT_EQ(result.fault, check_fault::absent);
}

TEST(RspamdClient, MayEndInACallback) {
    stub_http_server server([](const http_request&) { return http_reply(good_body); });
    auto client = make_rspamd_client(settings_for(server.url()));
    std::weak_ptr<spam_checker> watch = client;
    results ended;
    auto* last = new std::shared_ptr<spam_checker>(client);
    std::atomic<bool> only_holder = false;
    client->check(request_of("a mail"), [&, last](check_result result) {
        while (!only_holder) std::this_thread::yield();
        delete last;
        ended.take(std::move(result));
    });
    client.reset();
    only_holder = true;
    ended.wait_for(1);
    EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace ie
