#include "gateway/client/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <atomic>
#include <thread>

#include "config/system/file_handle.hpp"
#include "tests/gateway/raw_client.hpp"
#include "tests/gateway/stub_engine.hpp"
#include "tests/gateway/temporary.hpp"

namespace ie {
namespace {

using testing::endpoint_in;
using testing::helper_process;
using testing::raw_client;
using testing::soon_ms;
using testing::stub_engine;
using testing::temporary_folder;
using testing::within_ms;

// The file alone is there before the socket listens.
bool listens(const temporary_folder& folder) {
    return raw_client(folder.path("engine.sock")).connected();
}

TEST(Client, SaysQuicklyAndClearlyThatNoEngineIsThere) {
    const temporary_folder folder;
    client asker({endpoint_in(folder), 30'000, {}, {}});
    const int64_t before = steady_now_ms();
    const auto reply = asker.ask<mail_verdict>(judge_mail{});
    EXPECT_LT(steady_now_ms() - before, 15'000);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().code, error_code::unavailable);
    EXPECT_EQ(reply.failure().what, "no engine at " + endpoint_in(folder) +
                                        ": No such file or directory (is ie-engine running?)");
}

TEST(Client, NamesAnEndpointThatCannotBe) {
    client asker({"nonsense", 30'000, {}, {}});
    const auto reply = asker.ask<mail_verdict>(judge_mail{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().what, "endpoint nonsense: Invalid argument");
}

TEST(Client, NamesAKeyFileThatOthersMayRead) {
    const temporary_folder folder;
    const std::string path = folder.write("key", std::string(40, 'a'));
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    client asker({"tcp://127.0.0.1:1", 1'000, std::string(40, 'a'), path});
    const auto reply = asker.ask<mail_verdict>(judge_mail{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().code, error_code::not_permitted);
    EXPECT_NE(reply.failure().what.find(path), std::string::npos);
}

TEST(Client, AsksOneThingAfterAnother) {
    const temporary_folder folder;
    const helper_process engine({"serve", endpoint_in(folder)});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return listens(folder); }));
    client asker({endpoint_in(folder), 30'000, {}, {}});
    for (int i = 0; i < 10; ++i) {
        const auto reply = asker.ask<mail_verdict>(judge_mail{}, mail_bytes(std::string("mail")));
        ASSERT_TRUE(reply) << reply.failure().what;
    }
}

// Wherever the connection's event comes in: one that is overlooked costs the whole time.
TEST(Client, EachOfManyNoticesItsConnectionAtOnce) {
    const temporary_folder folder;
    const helper_process engine({"serve", endpoint_in(folder)});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return listens(folder); }));
    std::atomic<int> unanswered = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 100; ++j) {
                client asker({endpoint_in(folder), client::connect_ms_max - 100, {}, {}});
                if (!asker.ask<mail_verdict>(judge_mail{})) ++unanswered;
            }
        });
    }
    for (auto& each : threads) each.join();
    EXPECT_EQ(unanswered, 0);
}

TEST(Client, GivesUpAtItsDeadline) {
    const temporary_folder folder;
    const stub_engine silent(endpoint_in(folder));
    client asker({endpoint_in(folder), 1'000, {}, {}});
    const auto reply = asker.ask<mail_verdict>(judge_mail{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().code, error_code::deadline_exceeded);
}

TEST(Client, WaitsForAnEngineThatListensAndIsBusy) {
    const temporary_folder folder;
    const helper_process engine({"serve", endpoint_in(folder)});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return listens(folder); }));
    engine.signal(SIGSTOP);
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(client::absent_ms_max + 100));
        engine.signal(SIGCONT);
    });
    client asker({endpoint_in(folder), 30'000, {}, {}});
    const auto reply = asker.ask<mail_verdict>(judge_mail{});
    later.join();
    EXPECT_TRUE(reply) << reply.failure().what;
}

// One over TCP that accepts and says nothing: as a busy engine looks from outside.
TEST(Client, WaitsForWhoAcceptsOverTcp) {
    const file_handle listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const at = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(listener.get(), at, size), 0);
    ASSERT_EQ(listen(listener.get(), 100), 0);
    ASSERT_EQ(getsockname(listener.get(), at, &size), 0);
    const auto endpoint = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    EXPECT_TRUE(within_ms(soon_ms, [&] {
        client asker({endpoint, client::absent_ms_max + 500, {}, {}});
        const auto reply = asker.ask<mail_verdict>(judge_mail{});
        return !reply && reply.failure().code == error_code::deadline_exceeded;
    }));
}

TEST(Client, HandsOnWhatTheEngineSaysWentWrong) {
    const temporary_folder folder;
    std::atomic<bool> is_read = false;
    std::thread engine([&] {
        stub_engine stub(endpoint_in(folder));
        const auto in = stub.next(soon_ms);
        if (in) stub.answer(*in, fail(error_code::not_found, "no such mail"));
        while (!is_read) stub.next(10);
    });
    EXPECT_TRUE(within_ms(soon_ms, [&] { return listens(folder); }));
    client asker({endpoint_in(folder), 30'000, {}, {}});
    const auto reply = asker.ask<mail_verdict>(judge_mail{});
    is_read = true;
    engine.join();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure(), fail(error_code::not_found, "no such mail"));
}

TEST(Client, RefusesAReplyOfAnotherName) {
    const temporary_folder folder;
    const helper_process engine({"serve", endpoint_in(folder)});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return listens(folder); }));
    client asker({endpoint_in(folder), 30'000, {}, {}});
    const auto reply = asker.ask<mail_held>(judge_mail{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().code, error_code::bad_request);
}

}  // namespace
}  // namespace ie
