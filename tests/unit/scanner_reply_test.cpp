#include <gtest/gtest.h>

#include "actors/scanner/rspamd_reply.hpp"

namespace ie {
namespace {

std::string repeat(std::string_view text, size_t count) {
    std::string out;
    for (size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::string refusal(std::string_view body) {
    const auto reply = parse_rspamd_reply(body);
    return reply ? "accepted" : reply.failure().what;
}

TEST(RspamdReply, TakesWhatRspamdSends) {
    const auto reply = parse_rspamd_reply(
        R"({"is_skipped":false,"score":4.600000,"required_score":15.0,"action":"no action",)"
        R"("symbols":{"MIME_GOOD":{"name":"MIME_GOOD","score":-0.1}},"urls":["example.com"]})");
    ASSERT_TRUE(reply) << reply.failure().what;
    EXPECT_EQ(reply->action, "no action");
    EXPECT_DOUBLE_EQ(reply->score, 4.6);
    EXPECT_DOUBLE_EQ(reply->required_score, 15.0);
    EXPECT_FALSE(reply->is_skipped);
}

TEST(RspamdReply, KnowsASkippedMail) {
    const auto reply = parse_rspamd_reply(R"({"action":"reject","score":15,"is_skipped":true})");
    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->is_skipped);
}

TEST(RspamdReply, TakesNothingFromBelowTheTop) {
    const auto reply =
        parse_rspamd_reply(R"({"symbols":{"action":"no action","score":-99},"list":[{"score":1}],)"
                           R"("score":7,"action":"add header"})");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->action, "add header");
    EXPECT_DOUBLE_EQ(reply->score, 7);
}

TEST(RspamdReply, IsNotSpoiltByWhatComesAfterTheVerdict) {
    const std::string head =
        R"({"is_skipped":false,"score":9,"required_score":15,"action":"add header","urls":[)";
    EXPECT_TRUE(parse_rspamd_reply(head + repeat("\"a.test\",", 1'000)));  // cut
    EXPECT_TRUE(parse_rspamd_reply(head + repeat("[", 10'000)));
}

TEST(RspamdReply, IsNotSpoiltByTextThatIsNotUtf8) {
    const auto reply =
        parse_rspamd_reply("{\"message-id\":\"\xff\xfe\",\"score\":9,\"action\":\"reject\"}");
    ASSERT_TRUE(reply) << reply.failure().what;
    EXPECT_EQ(reply->action, "reject");
}

TEST(RspamdReply, RefusesWhatIsNoVerdict) {
    constexpr std::string_view bodies[] = {
        "",
        " ",
        "pong",
        "null",
        "7",
        "[]",
        "{}",
        "{",
        "<html></html>",
        R"({"action":"no action"})",
        R"({"score":1})",
        R"({"action":"","score":1})",
        R"({"action":7,"score":1})",
        R"({"action":"reject","score":"15"})",
        R"({"action":"reject","score":null})",
        R"({"action":"reject","score":nan})",
        R"({"action":"reject","score":1e999})",
        R"({"action":"reject","score":-1e999})",
        R"([{"action":"reject","score":15}])",
    };
    for (const auto body : bodies) EXPECT_FALSE(parse_rspamd_reply(body)) << body;
}

TEST(RspamdReply, PassesOnWhatRspamdSaysWentWrong) {
    EXPECT_EQ(refusal(R"({"error":"maximum processing time exceeded","score":0,"action":"x"})"),
              "Rspamd sent an error: maximum processing time exceeded");
}

TEST(RspamdReply, TakesAWholeNumberBeyondSixtyFourBits) {
    const auto reply = parse_rspamd_reply(R"({"action":"reject","score":99999999999999999999999})");
    ASSERT_TRUE(reply);
    EXPECT_GT(reply->score, 1e22);
}

TEST(RspamdReply, RefusesAnActionLongerThanAnyIs) {
    EXPECT_EQ(refusal(R"({"score":1,"action":")" + std::string(65, 'a') + "\"}"),
              "Rspamd sent an odd action");
}

TEST(RspamdReply, RefusesWhatIsNestedTenThousandDeep) {
    for (const std::string_view open : {"[", "{\"a\":"}) {
        EXPECT_EQ(refusal("{\"a\":" + repeat(open, 10'000)), "Rspamd sent JSON nested too deep");
    }
}

TEST(RspamdReply, RefusesMoreThanAMegabyte) {
    const std::string body(rspamd_reply::size_bytes_max + 1, ' ');
    EXPECT_EQ(parse_rspamd_reply(body).failure().code, error_code::too_large);
}

TEST(RspamdReply, SurvivesBeingCutAnywhere) {
    const std::string whole =
        R"({"is_skipped":false,"score":4.6,"required_score":15.0,"action":"no action"})";
    for (size_t size = 0; size < whole.size() - 1; ++size) {
        const auto reply = parse_rspamd_reply(whole.substr(0, size));
        EXPECT_EQ(reply ? reply->action : "no action", "no action") << size;
    }
    EXPECT_TRUE(parse_rspamd_reply(whole));
}

}  // namespace
}  // namespace ie
