#include "gateway/client/engine_link.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/gateway/stub_engine.hpp"
#include "tests/gateway/temporary.hpp"

namespace ie {
namespace {

using testing::endpoint_in;
using testing::helper_process;
using testing::soon_ms;
using testing::stub_engine;
using testing::temporary_folder;
using testing::within_ms;

bool comes_up(engine_link& link) {
    return within_ms(soon_ms, [&] { return link.receive(), link.present(); });
}

// Waits as a program with a loop of its own would.
std::vector<engine_link::answer> wait_for_answers(engine_link& link, int64_t limit_ms) {
    std::vector<engine_link::answer> all;
    within_ms(limit_ms, [&] {
        std::vector<zmq_pollitem_t> items;
        link.add_poll_items(items);
        const long timeout = link.timeout_ms() < 0 ? 20 : std::min(link.timeout_ms(), 20L);
        zmq_poll(items.data(), static_cast<int>(items.size()), timeout);
        for (auto& each : link.receive()) all.push_back(std::move(each));
        return link.in_flight() == 0;
    });
    return all;
}

TEST(EngineLink, FailsAtOnceWhereNoEngineIs) {
    const temporary_folder folder;
    engine_link link(endpoint_in(folder));
    const int64_t before = steady_now_ms();
    const auto id = link.send(judge_mail{}, 30'000);
    ASSERT_FALSE(id);
    EXPECT_EQ(id.failure().code, error_code::unavailable);
    EXPECT_NE(id.failure().what.find(endpoint_in(folder)), std::string::npos);
    EXPECT_LT(steady_now_ms() - before, 15'000);
}

TEST(EngineLink, FailsWithZeroMqsWordsForAnEndpointThatCannotBe) {
    for (const std::string& endpoint :
         {std::string("nonsense"), std::string("tcp://"), "ipc://" + std::string(200, 'x')}) {
        engine_link link(endpoint);
        const auto id = link.send(judge_mail{}, 30'000);
        ASSERT_FALSE(id);
        EXPECT_NE(id.failure().what.find("endpoint " + endpoint), std::string::npos)
            << id.failure().what;
    }
}

TEST(EngineLink, CarriesARequestItsBytesAndTheAnswer) {
    const temporary_folder folder;
    stub_engine engine(endpoint_in(folder));
    engine_link link(endpoint_in(folder));
    ASSERT_TRUE(comes_up(link));
    const std::string mail(100'000, 'm');
    const auto id = link.send(judge_mail{}, 30'000, mail_bytes(mail));
    ASSERT_TRUE(id) << id.failure().what;

    const auto in = engine.next(30'000);
    ASSERT_TRUE(in);
    EXPECT_EQ(in->request.head.name, judge_mail::name);
    EXPECT_EQ(in->request.head.deadline_ms, 30'000U);
    EXPECT_EQ(in->request.bytes.view(), mail);

    engine.answer(*in, mail_verdict{}, in->request.bytes);
    const auto answers = wait_for_answers(link, soon_ms);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].request_id, *id);
    ASSERT_TRUE(answers[0].reply);
    EXPECT_TRUE(open_parcel<mail_verdict>(*answers[0].reply));
    EXPECT_EQ(answers[0].reply->bytes.view(), mail);
}

TEST(EngineLink, EndsARequestByItsDeadlineAndDropsTheLateAnswer) {
    const temporary_folder folder;
    stub_engine engine(endpoint_in(folder));
    engine_link link(endpoint_in(folder));
    ASSERT_TRUE(comes_up(link));
    ASSERT_TRUE(link.send(judge_mail{}, 30));
    const auto answers = wait_for_answers(link, soon_ms);
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_FALSE(answers[0].reply);
    EXPECT_EQ(answers[0].reply.failure().code, error_code::deadline_exceeded);

    const auto late = engine.next(30'000);
    ASSERT_TRUE(late);
    engine.answer(*late, mail_verdict{});
    const auto second = link.send(judge_mail{}, 30'000);
    ASSERT_TRUE(second);
    const auto in = engine.next(30'000);
    ASSERT_TRUE(in);
    engine.answer(*in, mail_verdict{});
    const auto after = wait_for_answers(link, soon_ms);
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].request_id, *second);
}

TEST(EngineLink, FailsWhatIsInFlightAtTheEnginesDeath) {
    const temporary_folder folder;
    helper_process engine({"swallow", endpoint_in(folder)});
    engine_link link(endpoint_in(folder));
    ASSERT_TRUE(comes_up(link));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(link.send(judge_mail{}, 60'000));
    engine.kill_now();
    const int64_t killed = steady_now_ms();
    const auto answers = wait_for_answers(link, soon_ms);
    EXPECT_LT(steady_now_ms() - killed, 5'000);  // the heartbeats' timeout
    ASSERT_EQ(answers.size(), 3U);
    for (const auto& each : answers) {
        ASSERT_FALSE(each.reply);
        EXPECT_EQ(each.reply.failure().code, error_code::unavailable);
    }
    EXPECT_FALSE(link.send(judge_mail{}, 60'000));
}

TEST(EngineLink, ForgetsAStoppedEngineWithinTheHeartbeatsTimeout) {
    const temporary_folder folder;
    const helper_process engine({"serve", endpoint_in(folder)});
    engine_link link(endpoint_in(folder));
    ASSERT_TRUE(comes_up(link));
    engine.signal(SIGSTOP);
    ASSERT_TRUE(link.send(judge_mail{}, 50));
    const auto answers = wait_for_answers(link, soon_ms);
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_FALSE(answers[0].reply);
    EXPECT_EQ(answers[0].reply.failure().code, error_code::deadline_exceeded);
    EXPECT_TRUE(within_ms(soon_ms, [&] { return link.receive(), !link.present(); }));
    // It still listens: once it is waited for, then no more.
    ASSERT_TRUE(link.send(judge_mail{}, 60'000));
    const auto in_vain = wait_for_answers(link, soon_ms);
    ASSERT_EQ(in_vain.size(), 1U);
    ASSERT_FALSE(in_vain[0].reply);
    EXPECT_EQ(in_vain[0].reply.failure().code, error_code::unavailable);
    EXPECT_TRUE(
        within_ms(soon_ms, [&] { return link.receive(), !link.send(judge_mail{}, 60'000); }));
    engine.signal(SIGCONT);
    EXPECT_TRUE(comes_up(link));
}

TEST(EngineLink, FindsAnEngineThatStartsAgain) {
    const temporary_folder folder;
    engine_link link(endpoint_in(folder));
    {
        const helper_process engine({"serve", endpoint_in(folder)});
        ASSERT_TRUE(comes_up(link));
    }
    ASSERT_TRUE(within_ms(soon_ms, [&] { return link.receive(), !link.present(); }));
    const helper_process engine({"serve", endpoint_in(folder)});
    ASSERT_TRUE(comes_up(link));
    ASSERT_TRUE(link.send(judge_mail{}, 30'000));
    const auto answers = wait_for_answers(link, soon_ms);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(answers[0].reply);
}

TEST(EngineLink, SendsToAnEngineThatListensAlreadyAsSoonAsTheConnectionIsThere) {
    const temporary_folder folder;
    engine_link link(link_options{.endpoint = endpoint_in(folder), .arrival_ms_max = soon_ms});
    for (int round = 0; round < 5; ++round) {
        ASSERT_TRUE(within_ms(soon_ms, [&] { return link.receive(), !link.present(); }));
        EXPECT_FALSE(link.send(judge_mail{}, 30'000));
        stub_engine engine(endpoint_in(folder));
        ASSERT_TRUE(link.reachable());
        const auto first = link.send(judge_mail{}, 30'000);
        const auto second = link.send(judge_mail{}, 30'000);
        ASSERT_TRUE(first && second);
        const bool arrived = within_ms(soon_ms, [&] {
            link.receive();
            const auto in = engine.next(0);
            if (in) engine.answer(*in, mail_verdict{});
            return in && in->request.head.request_id == *second;
        });
        EXPECT_TRUE(arrived);
        for (const auto& each : wait_for_answers(link, soon_ms)) EXPECT_TRUE(each.reply);
    }
}

TEST(EngineLink, EndsARequestWhoseDeadlineComesBeforeTheConnection) {
    const temporary_folder folder;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder.path("engine.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(fd, 10), 0);
    engine_link link(endpoint_in(folder));
    ASSERT_TRUE(link.send(judge_mail{}, 10));
    const auto answers = wait_for_answers(link, soon_ms);
    close(fd);
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_FALSE(answers[0].reply);
    EXPECT_EQ(answers[0].reply.failure().code, error_code::deadline_exceeded);
}

TEST(EngineLink, IsBusyOnceTheBoundIsInFlight) {
    const temporary_folder folder;
    stub_engine engine(endpoint_in(folder));
    engine_link link(endpoint_in(folder));
    ASSERT_TRUE(comes_up(link));
    const auto more = [&] {
        for (int i = 0; i < 100; ++i) {
            const auto id = link.send(judge_mail{}, 60'000);
            if (!id) return id.failure().code == error_code::busy;
        }
        return false;
    };
    const bool refused = within_ms(soon_ms, [&] {
        while (engine.next(0)) {
        }
        return more() && link.in_flight() == engine_link::requests_max;
    });
    EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace ie
