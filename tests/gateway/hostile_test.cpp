#include "gateway/doors/open_files.hpp"
#include "tests/gateway/raw_client.hpp"
#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

using testing::accept_mail;
using testing::as_uid;
using testing::frame_socket;
using testing::head_of;
using testing::raw_client;
using testing::soon_ms;
using testing::within_ms;

class Hostile : public testing::gateway_fixture {
  protected:
    std::string path() const { return folder.path("engine.sock"); }

    // All is as it should be for the others.
    void expect_serving() {
        const auto reply = make_client().ask<mail_verdict>(judge_mail{});
        EXPECT_TRUE(reply) << reply.failure().what;
    }
};

TEST_F(Hostile, FramesThatAreNoRequestAreNamedAsSuch) {
    start();
    frame_socket asker(settings.engine.endpoint);
    const std::string head = head_of("judge_mail");
    const std::string body = encode(judge_mail{});
    const std::string deep = std::string(10'000, '\x91') + '\xc0';
    const std::vector<std::vector<std::string>> requests{
        {},
        {""},
        {"x"},
        {deep},
        {std::string(1'000'000, 'x')},
        {head},
        {head, ""},
        {head, "x"},
        {head, deep},
        {head, body.substr(0, body.size() - 1)},
        {head, body + "x"},
        {head, "\x93\x07\x08\x09"},
        {head, body, "mail", "more"},
        {head, body, "mail", "more", "yet more", "and more"},
        {head_of("list_mails"), encode(list_mails{}), "a mail"},
    };
    for (size_t i = 0; i < requests.size(); ++i) {
        const error why = asker.refusal_of(requests[i]);
        EXPECT_EQ(why.code, error_code::bad_request) << i << ": " << why.what;
        EXPECT_LT(why.what.size(), 300U) << i;
    }
    expect_serving();
}

TEST_F(Hostile, AnEmptyMessageWithoutADelimiterIsRefused) {
    start();
    frame_socket asker(settings.engine.endpoint);
    asker.send({""});
    const auto reply = asker.receive();
    ASSERT_EQ(reply.size(), 3U);
    EXPECT_EQ(decode_error(reply[2]).what, "a request without a head");
}

TEST_F(Hostile, AnotherWireVersionIsNamedAndAnsweredByItsId) {
    start();
    frame_socket asker(settings.engine.endpoint);
    wire_head head;
    head.wire = 9;
    head.name = "judge_mail";
    head.request_id = 77;
    const error why = asker.refusal_of({encode(head), encode(judge_mail{})});
    EXPECT_EQ(why.code, error_code::unsupported_version);
    EXPECT_EQ(why.what, "wire version 9, this engine speaks 1");
    EXPECT_EQ(asker.last_request_id, 77U);
}

TEST_F(Hostile, AnUnknownNameComesBackBoundedAndHarmless) {
    start();
    frame_socket asker(settings.engine.endpoint);
    const error why =
        asker.refusal_of({head_of("\x1b]0;owned\x07" + std::string(150, 'n')), "\x90"});
    EXPECT_EQ(why, fail(error_code::unknown_request,
                        "there is no request \\x1b]0;owned\\x07" + std::string(54, 'n')));
}

TEST_F(Hostile, AMailBeyondItsBoundIsRefused) {
    settings.gateway.mail_bytes_max = 10'000;
    start();
    frame_socket asker(settings.engine.endpoint);
    const error why =
        asker.refusal_of({head_of("judge_mail"), encode(judge_mail{}), std::string(10'001, 'x')});
    EXPECT_EQ(why, fail(error_code::too_large,
                        "judge_mail: a mail of 10001 bytes, gateway.mail_bytes_max is 10000"));
}

TEST_F(Hostile, ABodyBeyondItsRoutesBoundIsRefused) {
    start();
    frame_socket asker(settings.engine.endpoint);
    list_mails request;
    request.filter.subject = std::string(300'000, 's');
    const error why = asker.refusal_of({head_of("list_mails"), encode(request)});
    EXPECT_EQ(why.code, error_code::too_large);
}

TEST_F(Hostile, TheKernelsWordForTheCallerIsWhatWeThinkItIs) {
    start();
    as_uid(12'345, [&] {
        raw_client asker(path());
        asker.shake_hands({{"Socket-Type", "DEALER"}});
        asker.send({"", head_of("judge_mail"), encode(judge_mail{})});
        EXPECT_NE(asker.read_until("judge_mail").find("uid 12345 (stranger) may not judge_mail"),
                  std::string::npos);
    });
}

TEST_F(Hostile, ALieInTheHandshakeMakesNobodyRoot) {
    start();
    as_uid(12'345, [&] {
        for (const char* name : {"Peer-Address", "peer-address", "User-Id"}) {
            raw_client liar(path());
            liar.shake_hands({{"Socket-Type", "DEALER"}, {name, "localhost:0:0:1"}});
            liar.send({"", head_of("judge_mail"), encode(judge_mail{})});
            EXPECT_NE(liar.read_until("judge_mail").find("uid 12345 (stranger)"), std::string::npos)
                << name;
        }
    });
}

TEST_F(Hostile, ALiarWhoHasGoneBeforeHeIsLetInIsNotRootEither) {
    std::atomic<int> judged = 0;
    start([&](auto&, auto&, auto&, auto&) {
        ++judged;
        return mail_verdict{};
    });
    as_uid(12'345, [&] {
        for (int i = 0; i < 200; ++i) {
            raw_client liar(path());
            liar.begin_handshake({{"Socket-Type", "DEALER"}, {"Peer-Address", "localhost:0:0:1"}});
            liar.send({"", head_of("judge_mail"), encode(judge_mail{})});
        }
    });
    expect_serving();
    EXPECT_EQ(judged, 1);  // ours
}

TEST_F(Hostile, OneAccountCannotTakeThePlacesOfAllOthers) {
    lists = &held;
    start();
    as_uid(65'534, [&] {
        raw_client greedy(path());
        greedy.shake_hands({{"Socket-Type", "DEALER"}});
        for (int i = 0; i < 17; ++i) {
            greedy.send({"", head_of("list_mails"), encode(list_mails{})});
        }
        EXPECT_NE(greedy.read_until("in flight").find("16 requests of this account are in flight"),
                  std::string::npos);
    });
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 16; }));
    held.open();
    EXPECT_TRUE(make_client().ask<mail_list>(list_mails{}));
}

TEST_F(Hostile, TwoThousandClientsThatSayNothingDoNoHarm) {
    ASSERT_TRUE(raise_open_files_limit());
    start();
    std::vector<raw_client> silent;
    for (int i = 0; i < 2'000; ++i) {
        silent.emplace_back(path());
        ASSERT_TRUE(silent.back().connected()) << i << ": " << std::strerror(errno);
        if (i % 2 == 0) silent.back().begin_handshake({{"Socket-Type", "DEALER"}});
    }
    client asker = make_client();
    const auto is_served = [&] { return static_cast<bool>(asker.ask<mail_verdict>(judge_mail{})); };
    EXPECT_TRUE(within_ms(soon_ms, is_served));
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(is_served()) << i;
}

TEST_F(Hostile, AnAnswerForAClientWhoHasGoneIsDropped) {
    start(hold_fast());
    {
        raw_client asker(path());
        asker.shake_hands({{"Socket-Type", "DEALER"}});
        asker.send({"", head_of("judge_mail"), encode(judge_mail{})});
        ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 1; }));
    }
    held.open();
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 0; }));
    expect_serving();
}

TEST_F(Hostile, RubbishInsteadOfAHandshakeDoesNoHarm) {
    start();
    for (const auto& rubbish : {std::string("GET / HTTP/1.0\r\n\r\n"), std::string(100, '\xff'),
                                std::string(100, '\0')}) {
        raw_client(path()).write_all(rubbish);
    }
    expect_serving();
}

}  // namespace
}  // namespace ie
