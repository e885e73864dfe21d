#include <gtest/gtest.h>

#include "gateway/exim_hook/lmtp_session.hpp"

namespace ie {
namespace {

using namespace std::string_literals;

ticket_envelope envelope() {
    ticket_envelope made;
    made.ticket.id = mail_id{"ef69f707-d547-4b29-b8f0-f5331821c930"};
    made.ticket.sender = "alice@alice.test";
    made.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    return made;
}

std::string mail_from() {
    return "MAIL FROM:<" + *ticket_text(envelope()) + ">\r\n";
}
std::string start() {
    return "LHLO here\r\n" + mail_from();
}

struct talk {
    explicit talk(lmtp_bounds bounds = {}) : session(bounds) { session.take_output(); }
    std::string say(std::string_view text) {
        session.receive(text);
        return session.take_output();
    }
    lmtp_session session;
};

std::string stored(const std::string& data) {
    talk one;
    one.say(start() + "RCPT TO:<a@x.test>\r\nDATA\r\n" + data);
    const auto mail = one.session.take_mail();
    return mail ? mail->bytes : "(no mail)";
}

TEST(LmtpSession, GreetsAndSaysWhatItCanInAFewBytes) {
    lmtp_session session({});
    EXPECT_TRUE(session.take_output().starts_with("220 "));
    session.receive("LHLO here\r\n");
    const std::string reply = session.take_output();
    EXPECT_NE(reply.find("250-SMTPUTF8\r\n"), std::string::npos);
    EXPECT_NE(reply.find("250-8BITMIME\r\n"), std::string::npos);
    EXPECT_NE(reply.find("250 SIZE 67108864\r\n"), std::string::npos);
    EXPECT_LT(reply.size(), 200U);  // Exim's buffer for it has 256
}

TEST(LmtpSession, SaysInItsGreetingWhatElseIsWrong) {
    lmtp_session session({}, "/var/log/hook.log: Permission denied\r\n250 forged");
    EXPECT_EQ(session.take_output(),
              "220 ie-exim-hook LMTP; /var/log/hook.log: Permission denied??250 forged\r\n");
    lmtp_session lengthy({}, std::string(1'000, 'x'));
    EXPECT_EQ(lengthy.take_output().size(), lmtp_text_bytes_max + 2);
}

TEST(LmtpSession, GivesOutTheMailWithItsTicketAndRecipients) {
    talk one;
    EXPECT_EQ(one.say(start() + "RCPT TO:<a@x.test>\r\n").substr(0, 4), "250-");
    EXPECT_EQ(one.say("RCPT TO:<\"odd, >local\"@far.test>\r\n"), "250 2.1.5 noted\r\n");
    EXPECT_EQ(one.say("rcpt to:<jos\xC3\xA9@x.test> ORCPT=x\r\n"), "250 2.1.5 noted\r\n");
    EXPECT_EQ(one.say("DATA\r\n").substr(0, 4), "354 ");
    EXPECT_EQ(one.say("Subject: x\r\n\r\nbody\r\n.\r\n"), "");
    EXPECT_TRUE(one.session.waiting());
    const auto mail = one.session.take_mail();
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->envelope, envelope());
    EXPECT_EQ(mail->recipients, (std::vector<std::string>{"a@x.test", "\"odd, >local\"@far.test",
                                                          "jos\xC3\xA9@x.test"}));
    EXPECT_EQ(mail->bytes, "Subject: x\n\nbody\n");
    EXPECT_FALSE(mail->lost);
}

TEST(LmtpSession, AnswersEachRecipientOnlyOnceTheMailIsSettled) {
    talk one;
    one.say(start() + "RCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n");
    EXPECT_EQ(one.say("x\r\n.\r\n"), "");
    ASSERT_TRUE(one.session.take_mail());
    EXPECT_EQ(one.session.take_output(), "");
    one.session.settle(nothing{});
    EXPECT_EQ(one.session.take_output(), "250 2.0.0 held\r\n250 2.0.0 held\r\n");
    EXPECT_TRUE(one.session.idle());
}

TEST(LmtpSession, AFailureIsTemporaryWhateverItsCode) {
    for (const auto code : {error_code::unavailable, error_code::too_large,
                            error_code::not_permitted, error_code::bad_request}) {
        talk one;
        one.say(start() + "RCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nx\r\n.\r\n");
        one.session.take_mail();
        one.session.settle(fail(code, "why\r\n250 not " + std::string(500, 'x')));
        const std::string reply = one.session.take_output();
        EXPECT_EQ(reply.find("451 4.3.0 not held: "), 0U);
        EXPECT_EQ(std::count(reply.begin(), reply.end(), '\n'), 2);
        EXPECT_LT(reply.size(), 2 * 200U);
    }
}

TEST(LmtpSession, IsTheSameWhereverItsBytesAreSplit) {
    const std::string text = start() +
                             "RCPT TO:<a@x.test>\r\nDATA\r\n..dot\r\n.x\r\na\rb\r\n\r\n.\r\n" +
                             "RSET\r\nQUIT\r\n";
    const auto run = [&](const std::vector<std::string_view>& parts) {
        lmtp_session session({});
        std::string seen;
        for (const auto part : parts) {
            session.receive(part);
            if (const auto mail = session.take_mail()) {
                seen += "[" + mail->bytes + "]";
                session.settle(nothing{});
            }
        }
        return session.take_output() + seen + (session.finished() ? " finished" : "");
    };
    const std::string whole = run({text});
    EXPECT_NE(whole.find("[.dot\nx\na\rb\n\n] finished"), std::string::npos) << whole;
    for (size_t at = 1; at < text.size(); ++at) {
        ASSERT_EQ(run({std::string_view(text).substr(0, at), std::string_view(text).substr(at)}),
                  whole)
            << at;
    }
    std::vector<std::string_view> bytes;
    for (size_t at = 0; at < text.size(); ++at)
        bytes.push_back(std::string_view(text).substr(at, 1));
    EXPECT_EQ(run(bytes), whole);
}

TEST(LmtpSession, TakesBackWhatEximsTransportAdds) {
    EXPECT_EQ(stored(".\r\n"), "");
    EXPECT_EQ(stored("a\r\n.\r\n"), "a\n");
    EXPECT_EQ(stored("..\r\n.\r\n"), ".\n");
    EXPECT_EQ(stored("...a\r\n.\r\n"), "..a\n");
    EXPECT_EQ(stored("a\r\n\r\n\r\n.\r\n"), "a\n\n\n");
}

TEST(LmtpSession, KeepsEveryOtherByte) {
    EXPECT_EQ(stored("a\rb\nc\0d\xFF\x80\r\r\n.\r\n"s), "a\rb\nc\0d\xFF\x80\r\n"s);
    EXPECT_EQ(stored("a\n.\n.\r\n.\r\n"), "a\n.\n.\n");
    EXPECT_EQ(stored(".\rx\r\n.\r\n"), "\rx\n");
}

TEST(LmtpSession, OnlyADotOnALineOfItsOwnEndsTheMail) {
    EXPECT_EQ(stored("a\n.\r\nb"), "(no mail)");
    EXPECT_EQ(stored("a\r\n.\n"), "(no mail)");
    EXPECT_EQ(stored("a\r\n.\r"), "(no mail)");
    EXPECT_EQ(stored("a\r.\r\n"), "(no mail)");
}

TEST(LmtpSession, TakesTwentyMegabytes) {
    const std::string line = std::string(103, 'x') + "\r\n";
    std::string data;
    for (int i = 0; i < 200'000; ++i) data += line;
    const std::string mail = stored(data + ".\r\n");
    EXPECT_EQ(mail.size(), 200'000U * 104);
}

TEST(LmtpSession, TakesThreeThousandRecipients) {
    talk one;
    one.say(start());
    std::string commands;
    for (int i = 0; i < 3000; ++i) commands += "RCPT TO:<r" + std::to_string(i) + "@x.test>\r\n";
    one.say(commands + "DATA\r\nx\r\n.\r\n");
    const auto mail = one.session.take_mail();
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->recipients.size(), 3000U);
    one.session.settle(nothing{});
    EXPECT_EQ(one.session.take_output().size(), 3000 * "250 2.0.0 held\r\n"s.size());
}

TEST(LmtpSession, DefersRecipientsBeyondTheBound) {
    talk one({.recipients_max = 1});
    one.say(start() + "RCPT TO:<a@x>\r\n");
    EXPECT_EQ(one.say("RCPT TO:<b@x>\r\n").substr(0, 4), "452 ");
}

TEST(LmtpSession, ReadsAMailBeyondTheBoundToItsEndAndLosesIt) {
    talk one({.mail_bytes_max = 10});
    one.say(start() + "RCPT TO:<a@x>\r\nDATA\r\n");
    EXPECT_EQ(one.say(std::string(1 << 20, 'x') + "\r\n.\r\n"), "");
    const auto mail = one.session.take_mail();
    ASSERT_TRUE(mail && mail->lost);
    EXPECT_EQ(mail->lost->code, error_code::too_large);
    EXPECT_TRUE(mail->bytes.empty());
    one.session.settle(*mail->lost);
    EXPECT_EQ(one.session.take_output().substr(0, 4), "451 ");
    EXPECT_EQ(one.say("NOOP\r\n").substr(0, 4), "250 ");
}

TEST(LmtpSession, KeepsAMailOfExactlyTheBound) {
    talk one({.mail_bytes_max = 10});
    one.say(start() + "RCPT TO:<a@x>\r\nDATA\r\n123456789\r\n.\r\n");
    const auto mail = one.session.take_mail();
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->bytes, "123456789\n");
}

TEST(LmtpSession, GivesUpAMailForWhichThereIsNoMemory) {
    talk one;
    one.say(start() + "RCPT TO:<a@x>\r\nDATA\r\nhello\r\n");
    one.session.discard_mail();
    one.say("more\r\n.\r\n");
    const auto mail = one.session.take_mail();
    ASSERT_TRUE(mail && mail->lost);
    EXPECT_EQ(mail->lost->code, error_code::busy);
    one.session.settle(*mail->lost);
    one.say(mail_from() + "RCPT TO:<a@x>\r\nDATA\r\nnext\r\n.\r\n");
    const auto next = one.session.take_mail();
    ASSERT_TRUE(next);
    EXPECT_FALSE(next->lost);
    EXPECT_EQ(next->bytes, "next\n");
}

TEST(LmtpSession, TakesSeveralMailsOneAfterAnotherThoughSentAtOnce) {
    talk one;
    const std::string mail = mail_from() + "RCPT TO:<a@x>\r\nDATA\r\nx\r\n.\r\n";
    one.say("LHLO here\r\n" + mail + mail);
    ASSERT_TRUE(one.session.take_mail());
    EXPECT_FALSE(one.session.take_mail());
    one.session.settle(nothing{});
    ASSERT_TRUE(one.session.take_mail());
    one.session.settle(nothing{});
    EXPECT_FALSE(one.session.take_mail());
    EXPECT_TRUE(one.session.idle());
}

TEST(LmtpSession, ABadTicketIsTemporaryAndReported) {
    for (const char* path : {"<>", "<alice@alice.test>", "<AAAA>", "alice", ""}) {
        talk one;
        one.say("LHLO here\r\n");
        EXPECT_EQ(one.say("MAIL FROM:" + std::string(path) + "\r\n").substr(0, 4), "451 ") << path;
        EXPECT_TRUE(one.session.take_complaint()) << path;
        EXPECT_EQ(one.say("RCPT TO:<a@x>\r\n").substr(0, 4), "503 ");
        EXPECT_EQ(one.say("DATA\r\n").substr(0, 4), "503 ");
    }
}

TEST(LmtpSession, ABadRecipientIsTemporaryAndTheOthersStay) {
    talk one;
    one.say(start());
    for (const auto& path : {"<>"s, "<a@x"s, "a@x"s, "<\"a>@x"s, "<a\0b@x>"s, "<a@x>y"s}) {
        EXPECT_EQ(one.say("RCPT TO:" + path + "\r\n").substr(0, 4), "451 ") << path;
    }
    EXPECT_EQ(one.say("RCPT TO:<a@x>\r\n").substr(0, 4), "250 ");
}

TEST(LmtpSession, RsetForgetsTheTransaction) {
    talk one;
    one.say(start() + "RCPT TO:<a@x>\r\n");
    EXPECT_FALSE(one.session.idle());
    EXPECT_EQ(one.say("RSET\r\n").substr(0, 4), "250 ");
    EXPECT_TRUE(one.session.idle());
    EXPECT_EQ(one.say("DATA\r\n").substr(0, 4), "503 ");
}

TEST(LmtpSession, WantsItsCommandsInOrder) {
    talk one;
    EXPECT_EQ(one.say(mail_from()).substr(0, 4), "503 ");
    EXPECT_EQ(one.say("HELO here\r\n").substr(0, 4), "500 ");
    EXPECT_EQ(one.say("\r\n").substr(0, 4), "500 ");
    one.say(start());
    EXPECT_EQ(one.say(mail_from()).substr(0, 4), "503 ");
}

TEST(LmtpSession, BoundsACommandLineAndGoesOnAfterIt) {
    talk one;
    EXPECT_EQ(one.say(std::string(20'000, 'x')).substr(0, 4), "451 ");
    EXPECT_EQ(one.say(std::string(1 << 20, 'x')), "");
    EXPECT_LT(one.session.memory_bytes(), 4U << 20);
    EXPECT_EQ(one.say("\r\nNOOP\r\n"), "250 2.0.0 here\r\n");
    EXPECT_EQ(one.say(std::string(20'000, 'x') + "\r\nNOOP\r\n").substr(0, 4), "451 ");
}

TEST(LmtpSession, EndsWithQuitAndReadsNoFurther) {
    talk one;
    EXPECT_EQ(one.say("QUIT\r\nNOOP\r\n"), "221 2.0.0 bye\r\n");
    EXPECT_TRUE(one.session.finished());
    EXPECT_EQ(one.say("NOOP\r\n"), "");
}

TEST(LmtpSession, ClosesWhenToldToUnlessAMailIsUnderWay) {
    talk one;
    one.say(start());
    one.session.close_idle();
    EXPECT_FALSE(one.session.finished());
    one.say("RSET\r\n");
    one.session.close_idle();
    EXPECT_EQ(one.session.take_output().substr(0, 4), "421 ");
    EXPECT_TRUE(one.session.finished());
}

}  // namespace
}  // namespace ie
