#include "actors/courier/smtp_dialog.hpp"

#include <gmock/gmock.h>

#include "tests/support/mime_corpus.hpp"

namespace ie {
namespace {

constexpr std::string_view hello =
    "250-lab.test Hello\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 HELP\r\n";

deliver_mail request(std::vector<std::string> recipients = {"b@far.test"},
                     std::string sender = "a@alice.test") {
    return {mail_id{"ef69f707-d547-4b29-b8f0-f5331821c930"}, std::move(sender),
            std::move(recipients)};
}

std::string take(smtp_dialog& dialog) {
    std::string all;
    while (!dialog.output().empty()) {
        all += dialog.output();
        dialog.written(dialog.output().size());
    }
    return all;
}

// What is sent after each of the server's lines.
std::vector<std::string> play(smtp_dialog& dialog, const std::vector<std::string_view>& replies) {
    std::vector<std::string> sent;
    for (const auto reply : replies) {
        dialog.read(reply);
        sent.push_back(take(dialog));
    }
    return sent;
}

// The body as a server reads it: CRLF as LF, dots undoubled, without the final dot.
std::string received(std::string_view data) {
    std::string mail;
    while (data != ".\r\n" && !data.empty()) {
        const size_t end = data.find("\r\n");
        std::string_view line = data.substr(0, end);
        if (line.starts_with('.')) line.remove_prefix(1);
        mail.append(line).append("\n");
        data.remove_prefix(end + 2);
    }
    EXPECT_EQ(data, ".\r\n");
    return mail;
}

std::string failure_of(const smtp_dialog& dialog) {
    const auto result = dialog.result();
    return result ? "delivered" : result.failure().what;
}

TEST(SmtpDialog, HandsOverAMail) {
    smtp_dialog dialog(request({"b@far.test", "c@far.test"}), mail_bytes("A: 1\n\nx\n"));
    EXPECT_EQ(take(dialog), "");
    const auto sent = play(dialog, {"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "251 OK\r\n",
                                    "354 go\r\n", "250 OK id=1nFEym-0005TO-Qs\r\n", "221 bye\r\n"});
    const std::vector<std::string> expected{"EHLO localhost\r\n",
                                            "MAIL FROM:<a@alice.test>\r\n",
                                            "RCPT TO:<b@far.test>\r\n",
                                            "RCPT TO:<c@far.test>\r\n",
                                            "DATA\r\n",
                                            "A: 1\r\n\r\nx\r\n.\r\n",
                                            "QUIT\r\n",
                                            ""};
    EXPECT_EQ(sent, expected);
    EXPECT_TRUE(dialog.is_over());
    ASSERT_TRUE(dialog.result());
    EXPECT_EQ(dialog.result()->queue_id.value, "1nFEym-0005TO-Qs");
}

TEST(SmtpDialog, RepliesMayComeBytewise) {
    smtp_dialog dialog(request(), mail_bytes("x\n"));
    for (const char c : std::string("220 hi\r\n") + std::string(hello)) {
        dialog.read(std::string_view(&c, 1));
    }
    EXPECT_EQ(take(dialog), "EHLO localhost\r\nMAIL FROM:<a@alice.test>\r\n");
}

TEST(SmtpDialog, OneRefusedRecipientStopsItBeforeData) {
    smtp_dialog dialog(request({"b@far.test", "c@far.test"}), mail_bytes("x\n"));
    const auto sent = play(dialog, {"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n",
                                    "550-no\r\n550 such user\r\n", "221 bye\r\n"});
    EXPECT_EQ(sent[4], "QUIT\r\n");
    EXPECT_TRUE(dialog.is_over());
    EXPECT_EQ(failure_of(dialog), "recipient <c@far.test>: 550 no such user");
}

TEST(SmtpDialog, EachRefusalIsNamed) {
    const std::vector<std::pair<std::vector<std::string_view>, std::string>> cases{
        {{"421 busy\r\n"}, "Exim's greeting: 421 busy"},
        {{"220 hi\r\n", "550 no\r\n"}, "EHLO: 550 no"},
        {{"220 hi\r\n", hello, "553 bad\r\n"}, "sender <a@alice.test>: 553 bad"},
        {{"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "451 later\r\n"}, "DATA: 451 later"},
        {{"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "354 go\r\n", "552 big\r\n"},
         "the mail: 552 big"}};
    for (const auto& [replies, expected] : cases) {
        smtp_dialog dialog(request(), mail_bytes("x\n"));
        EXPECT_EQ(play(dialog, replies).back(), "QUIT\r\n");
        EXPECT_EQ(failure_of(dialog), expected);
    }
}

TEST(SmtpDialog, AfterTheFinalDotAnEndWithoutAnswerIsUnknown) {
    smtp_dialog dialog(request(), mail_bytes("x\n"));
    play(dialog, {"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "354 go\r\n"});
    dialog.read_end();
    EXPECT_EQ(failure_of(dialog), "Exim closed the session; unknown whether Exim has the mail");
}

TEST(SmtpDialog, AnAcceptedMailWithoutQueueIdIsUnknown) {
    smtp_dialog dialog(request(), mail_bytes("x\n"));
    play(dialog,
         {"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "354 go\r\n", "250 OK id=.\r\n"});
    EXPECT_THAT(failure_of(dialog), ::testing::HasSubstr("unknown whether Exim has the mail"));
}

TEST(SmtpDialog, BeforeTheFinalDotAnEndIsAPlainFailure) {
    smtp_dialog dialog(request(), mail_bytes("x\n"));
    play(dialog, {"220 hi\r\n", hello, "250 OK\r\n"});
    dialog.read_end();
    EXPECT_EQ(failure_of(dialog), "Exim closed the session");
}

TEST(SmtpDialog, TheEndAfterTheAnswerChangesNothing) {
    smtp_dialog dialog(request(), mail_bytes("x\n"));
    play(dialog, {"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "354 go\r\n",
                  "250 OK id=1nFEym-0005TO-Qs\r\n"});
    dialog.read_end();
    EXPECT_TRUE(dialog.is_over());
    EXPECT_EQ(failure_of(dialog), "delivered");
}

TEST(SmtpDialog, AsksForWhatTheMailNeeds) {
    smtp_dialog dialog(request({"bücher@far.test"}, ""), mail_bytes("\xE9\n"));
    EXPECT_EQ(play(dialog, {"220 hi\r\n", hello})[1], "MAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\n");
}

TEST(SmtpDialog, AsksForNothingThatIsNotOffered) {
    smtp_dialog dialog(request({"bücher@far.test"}), mail_bytes("\xE9\n"));
    EXPECT_EQ(play(dialog, {"220 hi\r\n", "250-a\r\n250 8BITMIMEX\r\n"})[1],
              "MAIL FROM:<a@alice.test>\r\n");
}

TEST(SmtpDialog, AddressesCanSayNoCommands) {
    for (const std::string bad : {"a@b>\r\nRCPT TO:<c@d", "a@b\n", "a>b@c", "a b@c", "\"a@b",
                                  "\"a\\", "<a@b>", "a\x7f@b"}) {
        smtp_dialog recipient(request({bad}), mail_bytes("x\n"));
        EXPECT_TRUE(recipient.is_over()) << bad;
        EXPECT_THAT(failure_of(recipient), ::testing::HasSubstr("can't be said in SMTP")) << bad;
        EXPECT_EQ(recipient.output(), "");
        smtp_dialog sender(request({"b@far.test"}, bad), mail_bytes("x\n"));
        EXPECT_TRUE(sender.is_over()) << bad;
    }
}

TEST(SmtpDialog, QuotedAddressesAreSaidAsTheyAre) {
    const std::string odd = R"("odd, \"local> <x"@far.test)";
    smtp_dialog dialog(request({odd}), mail_bytes("x\n"));
    EXPECT_EQ(play(dialog, {"220 hi\r\n", hello, "250 OK\r\n"})[2], "RCPT TO:<" + odd + ">\r\n");
}

TEST(SmtpDialog, AServerThatTalksGarbageIsLeft) {
    for (const std::string& garbage : {std::string("hello\r\n"), std::string("\r\n"),
                                       std::string(10'000, '2'), std::string("22\n")}) {
        smtp_dialog dialog(request(), mail_bytes("x\n"));
        dialog.read(garbage);
        EXPECT_TRUE(dialog.is_over());
        EXPECT_FALSE(dialog.result());
    }
    smtp_dialog endless(request(), mail_bytes("x\n"));
    for (int i = 0; i < 1'000 && !endless.is_over(); ++i) endless.read("220-more\r\n");
    EXPECT_TRUE(endless.is_over());
}

std::string sent_body(const std::string& mail) {
    smtp_dialog dialog(request(), mail_bytes(mail));
    return play(dialog, {"220 hi\r\n", hello, "250 OK\r\n", "250 OK\r\n", "354 go\r\n"}).back();
}

TEST(SmtpDialog, TheBodyArrivesAsItWas) {
    const std::string nul("a\0b\n", 4);
    for (const std::string& mail : {std::string(".\n..\n.x\n\n.\n"), nul, std::string("a\rb\n"),
                                    std::string(200'000, '.') + "\n", std::string("\n")}) {
        EXPECT_EQ(received(sent_body(mail)), mail);
    }
}

TEST(SmtpDialog, LineEndsOfBothKindsAreSent) {
    EXPECT_EQ(sent_body("a\r\nb\nc\r\r\n"), "a\r\nb\r\nc\r\r\n.\r\n");
}

TEST(SmtpDialog, AMissingFinalLineEndIsAdded) {
    EXPECT_EQ(sent_body("a"), "a\r\n.\r\n");
    EXPECT_EQ(sent_body(""), ".\r\n");
}

TEST(SmtpDialog, BlocksCutNoLineEndInTwo) {
    for (size_t shift = 0; shift < 4; ++shift) {
        std::string mail(smtp_dialog::output_block_bytes - 3 + shift, 'x');
        mail += "\r\n.y\r\n";
        const std::string line = mail.substr(0, mail.size() - 6);
        EXPECT_EQ(sent_body(mail), line + "\r\n..y\r\n.\r\n") << shift;
    }
}

TEST(SmtpDialog, EveryHardMessageArrivesAsItWas) {
    const auto corpus = testing::mime_corpus();
    ASSERT_GT(corpus.size(), 800U) << "the test data is missing: set IE_TEST_DATA";
    for (const auto& message : corpus) {
        std::string expected;  // as Exim keeps it: LF only, and one at the end
        for (size_t i = 0; i < message.bytes.size(); ++i) {
            if (message.bytes.compare(i, 2, "\r\n") != 0) expected += message.bytes[i];
        }
        if (!expected.empty() && expected.back() != '\n') expected += '\n';
        EXPECT_EQ(received(sent_body(message.bytes)), expected) << message.name;
    }
}

}  // namespace
}  // namespace ie
