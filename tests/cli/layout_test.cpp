#include "cli/layout.hpp"

#include <gtest/gtest.h>

#include "cli/mail_text.hpp"

namespace ie::cli {
namespace {

TEST(Table, AlignsItsColumnsAndLeavesNoSpaceAtTheEnd) {
    EXPECT_EQ(table({{"Name", "Count"}, {"longer name", "1"}, {"x", ""}}),
              "Name         Count\nlonger name  1\nx\n");
}

TEST(Table, CountsCharactersNotBytes) {
    EXPECT_EQ(table({{"\xc3\xa4\xc3\xb6", "x"}, {"abc", "y"}}), "\xc3\xa4\xc3\xb6   x\nabc  y\n");
}

TEST(Table, LetsNoCellBreakOut) {
    EXPECT_EQ(table({{"a\nb\x1b[2J", "c"}}), "a\\nb\\x1b[2J  c\n");
}

TEST(Json, StandsAsTheSeedWritesIt) {
    const json value{{"items", json::array({json{{"to", {"a", "b"}}, {"none", json::array()}}})},
                     {"empty", json::object()},
                     {"count", 3}};
    EXPECT_EQ(json_text(value),
              "{\n  \"items\": [\n    {\n      \"to\": [\"a\", \"b\"],\n      \"none\": []\n    }\n"
              "  ],\n  \"empty\": {},\n  \"count\": 3\n}\n");
}

TEST(Json, KeepsLettersAndEscapesWhatATerminalObeys) {
    const json value{{"a", "gr\xc3\xbc\xc3\x9f"}, {"b", "x\xc2\x9b\x7f\xe2\x80\xae"}};
    const std::string text = json_text(value);
    EXPECT_EQ(text,
              "{\n  \"a\": \"gr\xc3\xbc\xc3\x9f\",\n  \"b\": \"x\\u009b\\u007f\\u202e\"\n}\n");
    EXPECT_EQ(json::parse(text), value);
}

// The seed's sample, List emails in quarantine: what our own keys are without.
TEST(Json, OfAListIsTheSeedsToTheByteButForTheNewKeys) {
    mail_summary mail;
    mail.id = mail_id("ef69f707-d547-4b29-b8f0-f5331821c930");
    mail.size_bytes = 8190;
    mail.account = account_name("mws");
    mail.recipients = {"me@somehost.com"};
    mail.subject = "Ge t G:eneric V1agra f:or as 1ow as $2.50 per 50 mg";
    json list = json_of(mail_list{{mail}, 3});
    for (const char* key : {"sender", "received_date", "reasons"}) {
        EXPECT_EQ(list["items"][0].erase(key), 1U) << key;
    }
    EXPECT_EQ(json_text(list), R"({
  "items": [
    {
      "email_id": "ef69f707-d547-4b29-b8f0-f5331821c930",
      "size_bytes": 8190,
      "account_name": "mws",
      "recipients": ["me@somehost.com"],
      "subject": "Ge t G:eneric V1agra f:or as 1ow as $2.50 per 50 mg",
      "script_header": {
        "raw": "",
        "domain": "",
        "path": ""
      }
    }
  ],
  "max_count": 3
}
)");
}

TEST(JsonText, StandsInTheColumnsThatAreAskedFor) {
    const json document{{"a", json{{"b", 1}}}, {"c", {json{{"d", nullptr}}}}, {"e", json::array()}};
    EXPECT_EQ(json_text(document, by_four), R"({
    "a": {
        "b": 1
    },
    "c": [
        {
            "d": null
        }
    ],
    "e": []
}
)");
}

TEST(DurationText, SaysTheTwoLargestUnits) {
    EXPECT_EQ(duration_text(-5), "0s");
    EXPECT_EQ(duration_text(59), "59s");
    EXPECT_EQ(duration_text(61), "1m 1s");
    EXPECT_EQ(duration_text(86'400 + 3600 + 61), "1d 1h");
}

TEST(PrintableLines, KeepsLineEndsAndNothingElseThatMovesTheCursor) {
    EXPECT_EQ(printable_lines("a\x1b[2J\r\nb\rc\n\nd"), "a\\x1b[2J\nb\\rc\n\nd");
    EXPECT_EQ(printable_lines(""), "");
}

TEST(ShowJson, Takes20000HeadersInStride) {
    mail_details mail;
    for (int i = 0; i < 20'000; ++i)
        mail.headers.push_back({"H" + std::to_string(i % 10'000), "v"});
    const json shown = show_json(mail, "body", "");
    EXPECT_EQ(shown["headers"].size(), 10'000U + 2);
    EXPECT_EQ(shown["headers"]["H7"], (json{"v", "v"}));
}

TEST(ShowText, NamesTheLeastOfActionsForMailOverItsRate) {
    mail_details mail;
    mail.reasons = {hold_reason::ratelimit};
    EXPECT_NE(show_text(mail, "").find("Filter-Action: soft reject\n"), std::string::npos);
    mail.reasons = {hold_reason::ratelimit, hold_reason::winexec};
    EXPECT_NE(show_text(mail, "").find("Filter-Action: reject\n"), std::string::npos);
}

}  // namespace
}  // namespace ie::cli
