#include <gtest/gtest.h>

#include "gateway/exim_hook/judge_request.hpp"
#include "gateway/exim_hook/recipient_list.hpp"
#include "messages/base64.hpp"

namespace ie {
namespace {

using namespace std::string_literals;

constexpr std::string_view id = "1nFEym-0005TO-Qs";
constexpr std::string_view release = "ef69f707-d547-4b29-b8f0-f5331821c930";

struct request_text {
    std::string protocol = "protocol=esmtpa\n";
    std::string uid = "uid=102\n";
    std::string client = "client=192.0.2.7\n";
    std::string port = "port=4711\n";
    std::string sender = "sender=" + base64("alice@alice.test") + "\n";
    std::string recipients = "recipients=" + base64("bob@far.test") + "\n";
    std::string headers = "headers=" + base64("Subject: hello\n") + "\n";
    std::string more;

    std::string str() const {
        return "judge 1\nid=" + std::string(id) + "\n" + protocol + uid +
               "auth=" + base64("alice") + "\n" + client + port + "helo=" + base64("mail.test") +
               "\n" + sender + recipients + headers + more + "END\n";
    }
};

outcome<hook_request> read(std::string_view text) {
    hook_request_reader reader;
    auto done = reader.receive(text);
    return done ? *done : fail(error_code::internal, "not complete");
}

judge_request judged(const request_text& text) {
    auto done = read(text.str());
    EXPECT_TRUE(done) << done.failure().what;
    return done ? std::get<judge_request>(*done) : judge_request{};
}

std::string refusal(const request_text& text) {
    const auto done = read(text.str());
    return done ? "accepted" : done.failure().what;
}

TEST(HookRequest, ReadsWhatEximKnowsOfTheMail) {
    const auto request = judged({});
    EXPECT_EQ(request.id.value, id);
    EXPECT_EQ(request.protocol, "esmtpa");
    EXPECT_EQ(request.originator_uid, 102U);
    EXPECT_EQ(request.authenticated_id, "alice");
    EXPECT_EQ(request.client_address, "192.0.2.7");
    EXPECT_EQ(request.client_port, 4711);
    EXPECT_EQ(request.helo, "mail.test");
    EXPECT_EQ(request.sender, "alice@alice.test");
    EXPECT_EQ(request.recipients, "bob@far.test");
    EXPECT_EQ(request.headers, "Subject: hello\n");
}

TEST(HookRequest, ReadsWhereTheClientHasConnectedToFromAnAclThatSaysIt) {
    const auto request = judged({.more = "server=127.0.0.1\nserver_port=25\n"});
    EXPECT_EQ(request.server_address, "127.0.0.1");
    EXPECT_EQ(request.server_port, 25);
    EXPECT_EQ(judged({}).server_port, 0);
    EXPECT_EQ(judged({.more = "server=\nserver_port=\n"}).server_address, "");
    EXPECT_EQ(refusal({.more = "server_port=65536\n"}), "server_port can't be read");
}

TEST(HookRequest, ReadsWhatIncomingMailIsJudgedBy) {
    const auto request =
        judged({.more = "direction=incoming\nclient_name=" + base64("mx.far.test") + "\nadded=" +
                        base64("Authentication-Results: host.test; spf=pass\n") + "\n"});
    EXPECT_EQ(request.direction, mail_direction::incoming);
    EXPECT_EQ(request.client_name, "mx.far.test");
    EXPECT_EQ(request.added_headers, "Authentication-Results: host.test; spf=pass\n");
    EXPECT_EQ(judged({}).direction, mail_direction::outgoing);
    EXPECT_EQ(judged({.more = "direction=outgoing\n"}).direction, mail_direction::outgoing);
    for (const auto* text : {"", "sideways", "Incoming", "incoming "}) {
        EXPECT_EQ(refusal({.more = "direction=" + std::string(text) + "\n"}),
                  "direction can't be read");
    }
    EXPECT_EQ(refusal({.more = "added=*\n"}), "added can't be read");
    EXPECT_EQ(refusal({.more = "client_name=a b\n"}), "client_name can't be read");
}

TEST(HookRequest, IsTheSameWhereverItsBytesAreSplit) {
    const std::string text = request_text{}.str();
    for (size_t at = 1; at < text.size(); ++at) {
        hook_request_reader reader;
        ASSERT_FALSE(reader.receive(text.substr(0, at))) << at;
        const auto done = reader.receive(text.substr(at));
        ASSERT_TRUE(done && *done) << at;
        ASSERT_EQ(std::get<judge_request>(**done).headers, "Subject: hello\n");
    }
}

TEST(HookRequest, ALocalSubmissionHasNoClient) {
    const auto request = judged({.client = "client=\n", .port = "port=\n", .more = {}});
    EXPECT_EQ(request.client_address, "");
    EXPECT_EQ(request.client_port, 0);
}

TEST(HookRequest, TheNullSenderIsEmpty) {
    EXPECT_EQ(judged({.sender = "sender=\n", .more = {}}).sender, "");
}

TEST(HookRequest, CarriesNulsAndNewlinesInBase64) {
    const std::string headers = "X: a\0b\r\n\nEND\n\xFF"s;
    EXPECT_EQ(judged({.headers = "headers=" + base64(headers) + "\n", .more = {}}).headers,
              headers);
}

TEST(HookRequest, SkipsAKeyThatIsNotKnown) {
    EXPECT_EQ(judged({.more = "colour=blue\n"}).protocol, "esmtpa");
}

TEST(HookRequest, RefusesWhatIsMissingTwiceOrUnreadableByName) {
    EXPECT_EQ(refusal({.protocol = "", .more = {}}), "protocol is missing");
    EXPECT_EQ(refusal({.client = "", .more = {}}), "client is missing");
    EXPECT_EQ(refusal({.more = "uid=0\n"}), "uid stands twice");
    EXPECT_EQ(refusal({.uid = "uid=-1\n", .more = {}}), "uid can't be read");
    EXPECT_EQ(refusal({.uid = "uid=4294967296\n", .more = {}}), "uid can't be read");
    EXPECT_EQ(refusal({.port = "port=65536\n", .more = {}}), "port can't be read");
    EXPECT_EQ(refusal({.recipients = "recipients=a b\n", .more = {}}), "recipients can't be read");
    EXPECT_EQ(refusal({.headers = "headers=*\n", .more = {}}), "headers can't be read");
    EXPECT_EQ(refusal({.more = "garbage\n"}), "a line without '='");
    EXPECT_EQ(read("judge 2\n").failure().what, "neither \"judge 1\" nor \"confirm 1\"");
}

TEST(HookRequest, RefusesAnIdThatIsNoQueueId) {
    for (const char* bad : {"../../../../etc/passwd", "", "1nFEym-0005TO-Q/", "1nFEym"}) {
        const auto done = read("judge 1\nid=" + std::string(bad) + "\n");
        EXPECT_FALSE(done);
        EXPECT_EQ(done.failure().what, "id can't be read") << bad;
    }
}

TEST(HookRequest, IsBoundedInBytesAndLines) {
    hook_request_reader bytes;
    const std::string line(1 << 20, 'x');
    std::optional<outcome<hook_request>> done;
    for (int i = 0; i < 16 && !done; ++i) done = bytes.receive(line);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->failure().code, error_code::too_large);

    hook_request_reader lines;
    done = lines.receive("judge 1\n");
    for (int i = 0; i < 64 && !done; ++i) done = lines.receive("x" + std::to_string(i) + "=1\n");
    ASSERT_TRUE(done);
    EXPECT_EQ(done->failure().code, error_code::too_large);
}

TEST(HookRequest, ReadsTheQuestionAboutAReleasedMail) {
    const auto done =
        read("confirm 1\nrelease=" + std::string(release) + "\nid=" + std::string(id) + "\nEND\n");
    ASSERT_TRUE(done);
    const auto& request = std::get<confirm_request>(*done);
    EXPECT_EQ(request.release.value, release);
    EXPECT_EQ(request.id.value, id);
}

TEST(HookRequest, RefusesAReleaseThatIsNoMailId) {
    const auto done = read("confirm 1\nrelease=x\n");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.failure().what, "release can't be read");
}

std::vector<std::string> split(std::string_view joined) {
    return split_recipients(joined).addresses;
}

using texts = std::vector<std::string>;

TEST(RecipientList, SplitsAtCommasOutsideQuotes) {
    EXPECT_EQ(split("a@x.test, b@y.test"), (texts{"a@x.test", "b@y.test"}));
    EXPECT_EQ(split("\"odd, local\"@far.test, b@y.test"),
              (texts{"\"odd, local\"@far.test", "b@y.test"}));
    EXPECT_EQ(split("\"a\\\", b\"@x.test, c@x.test"), (texts{"\"a\\\", b\"@x.test", "c@x.test"}));
    EXPECT_EQ(split("\"a\\\\\"@x.test, c@x.test"), (texts{"\"a\\\\\"@x.test", "c@x.test"}));
    EXPECT_EQ(split("a\\,b@x.test, c@x.test"), (texts{"a\\,b@x.test", "c@x.test"}));
    EXPECT_EQ(split("a.\"b, c\".d@x.test"), (texts{"a.\"b, c\".d@x.test"}));
}

TEST(RecipientList, KeepsUtf8AsItIs) {
    EXPECT_EQ(split("jos\xC3\xA9@\xE4\xBE\x8B.test, b@y.test"),
              (texts{"jos\xC3\xA9@\xE4\xBE\x8B.test", "b@y.test"}));
}

TEST(RecipientList, IsEmptyWhereThereIsNobody) {
    EXPECT_TRUE(split("").empty());
    EXPECT_TRUE(split(", ,").empty());
}

TEST(RecipientList, TakesAQuotationWithoutEndAsOneAddress) {
    EXPECT_EQ(split("a@x.test, \"b, c@y.test, d@z.test"),
              (texts{"a@x.test", "\"b, c@y.test, d@z.test"}));
    EXPECT_EQ(split("a@x.test, b\\"), (texts{"a@x.test", "b\\"}));
}

TEST(RecipientList, TakesThreeThousand) {
    std::string joined;
    for (int i = 0; i < 3000; ++i) joined += (i > 0 ? ", r" : "r") + std::to_string(i) + "@x.test";
    const auto list = split(joined);
    ASSERT_EQ(list.size(), 3000U);
    EXPECT_EQ(list[2999], "r2999@x.test");
}

TEST(RecipientList, CutsWhatIsBeyondItsBoundsAndSaysSo) {
    const auto few = split_recipients("a@x, b@x, c@x", {.count_max = 2});
    EXPECT_EQ(few.addresses, (texts{"a@x", "b@x"}));
    EXPECT_TRUE(few.cut);
    const auto small = split_recipients("a@x, b@x, c@x", {.size_bytes_max = 6});
    EXPECT_EQ(small.addresses, (texts{"a@x", "b@x"}));
    EXPECT_TRUE(small.cut);
    EXPECT_FALSE(split_recipients("a@x, b@x", {.count_max = 2}).cut);
}

}  // namespace
}  // namespace ie
