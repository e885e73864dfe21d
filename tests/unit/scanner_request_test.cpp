#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/scanner/rspamd_request.hpp"

namespace ie {
namespace {

using namespace std::string_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

judge_mail mail_from(std::string sender) {
    judge_mail mail;
    mail.sender = std::move(sender);
    return mail;
}

std::string from_header(std::string sender) {
    for (const auto& line : rspamd_request_headers(mail_from(std::move(sender)), "", "")) {
        if (line.starts_with("From: ")) return line.substr(6);
    }
    return "none";
}

size_t count_of(const std::vector<std::string>& lines, std::string_view name) {
    return static_cast<size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with(name); }));
}

TEST(RspamdRequest, TellsEnvelopeClientAndSubmitter) {
    judge_mail mail = mail_from("alice@alice.test");
    mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    mail.recipients = {"bob@far.test", "\"odd, local\"@far.test"};
    mail.client_address = "2001:db8::1";
    mail.helo = "laptop";
    EXPECT_THAT(rspamd_request_headers(mail, "alice@alice.test", "outgoing"),
                ElementsAre("From: <alice@alice.test>", "Rcpt: <bob@far.test>",
                            "Rcpt: <\"odd, local\"@far.test>", "IP: 2001:db8::1", "Helo: laptop",
                            "User: alice@alice.test", "Queue-Id: 1nFEym-0005TO-Qs",
                            "Settings-ID: outgoing"));
}

TEST(RspamdRequest, TellsTheNameThatTheClientsAddressHas) {
    judge_mail mail;
    mail.client_name = "mx.far.test";
    EXPECT_THAT(rspamd_request_headers(mail, "", ""), Contains("Hostname: mx.far.test"));
    EXPECT_EQ(count_of(rspamd_request_headers(judge_mail{}, "", ""), "Hostname"), 0U);
}

TEST(RspamdRequest, LeavesOutWhatIsNotKnown) {
    EXPECT_THAT(rspamd_request_headers(judge_mail{}, "", ""), ElementsAre("From: <>"));
}

TEST(RspamdRequest, LetsNoValueEndItsLine) {
    const std::string evil = "x\r\nFile: /etc/shadow\n\0\tSettings: {}"s;
    judge_mail mail = mail_from(evil + "@far.test");
    mail.recipients = {evil + "@far.test", evil, "a@far.test" + evil};
    mail.client_address = evil;
    mail.helo = evil;
    mail.queue_id = queue_id{evil};
    const auto lines = rspamd_request_headers(mail, evil, evil);
    for (const auto& line : lines) {
        EXPECT_EQ(line.find_first_of("\r\n\t\0"s), line.npos) << line;
        EXPECT_THAT(line, Not(StartsWith("File")));
    }
    EXPECT_EQ(count_of(lines, "IP:"), 0U);
    EXPECT_THAT(lines, Contains(StartsWith("Helo: x??File: /etc/shadow")));
}

TEST(RspamdRequest, WritesAnAddressSoThatRspamdCanReadIt) {
    EXPECT_EQ(from_header("a..b@x.test"), "<\"a..b\"@x.test>");
    EXPECT_EQ(from_header("a@b@x.test"), "<\"a@b\"@x.test>");
    EXPECT_EQ(from_header("j\xc3\xbcrgen@x.test"), "<\"j??rgen\"@x.test>");
    EXPECT_EQ(from_header("\"a\\\"b\"@x.test"), "<\"a\\\"b\"@x.test>");
    EXPECT_EQ(from_header("\"a\"b\"@x.test"), "<\"a\\\"b\"@x.test>");
    EXPECT_EQ(from_header("\"a\\\"@x.test"), "<\"a\\\\\"@x.test>");
    EXPECT_EQ(from_header("\"@x.test"), "<\"\\\"\"@x.test>");
    EXPECT_EQ(from_header("a@[192.0.2.1]"), "<a@[192.0.2.1]>");
    EXPECT_EQ(from_header("a@xn--mller-kva.test"), "<a@xn--mller-kva.test>");
}

TEST(RspamdRequest, LeavesOutAnAddressThatRspamdCannotRead) {
    for (const auto* address : {"alice", "@x.test", "a@", "a@x..test", "a@-x.test", "a@_x.test",
                                "a@m\xc3\xbcller.test", "a@x test", "a@[", "a@[]", "a@[x>]"}) {
        EXPECT_EQ(from_header(address), "none") << address;
    }
}

TEST(RspamdRequest, LeavesOutAddressesOfSixtyFourKilobytes) {
    EXPECT_EQ(from_header(std::string(64 << 10, 'a') + "@far.test"), "none");
    EXPECT_EQ(from_header("a@" + std::string(64 << 10, 'b')), "none");
    EXPECT_EQ(from_header("\"" + std::string(64 << 10, '\\') + "\"@far.test"), "none");
}

TEST(RspamdRequest, KeepsEveryHeaderWithinItsBound) {
    judge_mail mail = mail_from("\"" + std::string(1'000, '"') + "\"@far.test");
    mail.helo = std::string(64 << 10, 'h');
    for (const auto& line : rspamd_request_headers(mail, std::string(2'000, 'u'), "outgoing")) {
        EXPECT_LE(line.size(), rspamd_value_bytes_max + 16);
    }
}

TEST(RspamdRequest, TellsAThousandRecipientsAtMost) {
    judge_mail mail;
    mail.recipients.assign(3'000, "bob@far.test");
    EXPECT_EQ(count_of(rspamd_request_headers(mail, "", ""), "Rcpt: "), rspamd_recipients_max);
}

TEST(RspamdRequest, BoundsTheRecipientsBytes) {
    judge_mail mail;
    mail.recipients.assign(1'000, std::string(900, 'a') + "@far.test");
    size_t bytes = 0;
    for (const auto& line : rspamd_request_headers(mail, "", "")) bytes += line.size();
    EXPECT_LT(bytes, rspamd_recipients_bytes_max + 2 * rspamd_value_bytes_max);
    EXPECT_GT(bytes, rspamd_recipients_bytes_max / 2);
}

}  // namespace
}  // namespace ie
