#include "messages/text.hpp"

#include <gtest/gtest.h>

#include "messages/json.hpp"
#include "messages/log_keys.hpp"
#include "messages/quarantine.hpp"

namespace ie {
namespace {

TEST(Text, LeavesGoodUtf8AsItIs) {
    const std::string text = "Grüße, 你好 🙂 \\ \"x\"";
    EXPECT_EQ(valid_utf8(text), text);
    EXPECT_EQ(printable(text), text);
}

TEST(Text, TrimsWhiteSpaceAtBothEnds) {
    EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \t\r\n"), "");
    EXPECT_EQ(trimmed(""), "");
}

TEST(HoldReasons, StandAsBitsInDatabases) {
    const std::vector<hold_reason> reasons{hold_reason::spam, hold_reason::ratelimit};
    EXPECT_EQ(bits_of(reasons), 5U);
    EXPECT_EQ(reasons_of(5), reasons);
    EXPECT_TRUE(reasons_of(0xF8).empty());
}

TEST(Text, ReplacesEachBadByte) {
    EXPECT_EQ(valid_utf8("a\xFFz"), "a\uFFFDz");
    EXPECT_EQ(valid_utf8("\xC0\xAF"), "\uFFFD\uFFFD");            // overlong
    EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // surrogate
    EXPECT_EQ(valid_utf8("\xE4\xBD"), "\uFFFD\uFFFD");            // cut off
}

TEST(Text, NothingThatSteersATerminalIsPrintable) {
    EXPECT_EQ(printable("\x1b[2J\n\r\t\x07"), "\\x1b[2J\\n\\r\\t\\x07");
    EXPECT_EQ(printable("a\u202Egpj.exe"), "a\\u{202e}gpj.exe");
    EXPECT_EQ(printable("\u009b2J\u2028"), "\\u{009b}2J\\u{2028}");
    EXPECT_EQ(printable(std::string("\0", 1)), "\\x00");
}

TEST(Text, WhatJoinsLettersIsPrintable) {
    EXPECT_EQ(printable("می\u200cخواهم क्\u200dष 👩\u200d💻"), "می\u200cخواهم क्\u200dष 👩\u200d💻");
    EXPECT_EQ(printable("a\u200bb\u200ec"), "a\\u{200b}b\\u{200e}c");
}

TEST(Text, QuotesALogValueThatIsNotPlain) {
    EXPECT_EQ(log_value("alice@alice.test"), "alice@alice.test");
    EXPECT_EQ(log_value(""), "\"\"");
    EXPECT_EQ(log_value("a b=\"c\\"), "\"a b=\\\"c\\\\\"");
    EXPECT_EQ(log_value("x\n2026 error"), "\"x\\n2026 error\"");
}

TEST(Text, LogKeysComeInDeclaredOrder) {
    judge_mail mail;
    mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    mail.recipients = {"a@far.test", "b@far.test"};
    EXPECT_EQ(log_keys(mail),
              "queue_id=1nFEym-0005TO-Qs protocol=\"\" originator_uid=0 authenticated_id=\"\" "
              "client_address=\"\" client_port=0 helo=\"\" sender=\"\" recipients_count=2 "
              "headers_cut=false client_uid=-1 direction=outgoing client_name=\"\"");
}

TEST(Json, HasTheSeedsKeysInItsOrder) {
    mail_summary item;
    item.id = mail_id{"ef69f707-d547-4b29-b8f0-f5331821c930"};
    item.size_bytes = 8190;
    item.account = account_name{"mws"};
    item.recipients = {"me@somehost.com"};
    item.subject = "V1agra \xFF";
    item.reasons = {hold_reason::spam};
    EXPECT_EQ(json_of(item).dump(),
              R"({"email_id":"ef69f707-d547-4b29-b8f0-f5331821c930","size_bytes":8190,)"
              R"("account_name":"mws","recipients":["me@somehost.com"],"subject":"V1agra )"
              "\uFFFD"
              R"(","script_header":{"raw":"","domain":"","path":""},"sender":"",)"
              R"("received_date":0,"reasons":["spam"]})");
}

}  // namespace
}  // namespace ie
