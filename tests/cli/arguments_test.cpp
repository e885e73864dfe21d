#include "cli/arguments.hpp"

#include <gtest/gtest.h>

namespace ie::cli {
namespace {

constexpr const char* an_id = "ef69f707-d547-4b29-b8f0-f5331821c930";

TEST(Duration, CountsSecondsMinutesHoursAndDays) {
    EXPECT_EQ(*parse_duration("100s"), 100);
    EXPECT_EQ(*parse_duration("5m"), 300);
    EXPECT_EQ(*parse_duration("1h"), 3600);
    EXPECT_EQ(*parse_duration("30d"), 30 * 86'400);
    EXPECT_EQ(*parse_duration("0s"), 0);
    EXPECT_EQ(*parse_duration("007d"), 7 * 86'400);
}

TEST(Duration, IsRefusedInAnyOtherShape) {
    for (const char* text : {"", "s", "5", "5 m", " 5m", "5m ", "-5m", "+5m", "5.5h", "1h30m", "5M",
                             "5w", "0x5s", "m5"}) {
        const auto refused = parse_duration(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_NE(refused.failure().what.find("e.g. 100s, 5m, 1h, 5d"), std::string::npos) << text;
    }
}

TEST(Duration, IsBoundedBeforeItOverflows) {
    EXPECT_EQ(*parse_duration("36500d"), duration_s_max);
    for (const char* text :
         {"36501d", "3153600001s", "9223372036854775807s", "9223372036854775807d",
          "9223372036854775808s", "99999999999999999999999999d"}) {
        const auto refused = parse_duration(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_NE(refused.failure().what.find("too long"), std::string::npos) << text;
    }
}

TEST(Number, StaysInItsRange) {
    EXPECT_EQ(*parse_number("1", {1, 1000}), 1U);
    EXPECT_EQ(*parse_number("1000", {1, 1000}), 1000U);
    for (const char* text :
         {"", "0", "1001", "-1", "1.0", "1e2", "4294967297", "18446744073709551617"}) {
        EXPECT_FALSE(parse_number(text, {1, 1000})) << text;
    }
}

TEST(Ids, AreTakenOnceEachInTheOrderGiven) {
    const std::string other = "FAF96A73-5be4-481a-9c6c-7ab8fb2e3cf0";
    const auto ids = parse_ids(other + "," + an_id + ",\n " + other + ", ");
    ASSERT_TRUE(ids);
    ASSERT_EQ(ids->size(), 2U);
    EXPECT_EQ((*ids)[0].value, "faf96a73-5be4-481a-9c6c-7ab8fb2e3cf0");
    EXPECT_EQ((*ids)[1].value, an_id);
}

TEST(Ids, AreRefusedWhereOneIsNone) {
    EXPECT_FALSE(parse_ids(std::string(an_id) + ",x"));
    EXPECT_FALSE(parse_ids(std::string(an_id) + an_id));
    EXPECT_FALSE(parse_ids(std::string(an_id) + ";" + an_id));
    EXPECT_TRUE(parse_ids("")->empty());
}

TEST(Ids, AreQuotedShortlyInTheRefusal) {
    EXPECT_LT(parse_ids(std::string(1 << 20, 'x')).failure().what.size(), 200U);
}

TEST(Endpoint, IsOfOneOfTwoSchemes) {
    EXPECT_EQ(*parse_endpoint("ipc:///run/x.sock"), "ipc:///run/x.sock");
    EXPECT_EQ(*parse_endpoint("tcp://127.0.0.1:1"), "tcp://127.0.0.1:1");
    for (const char* text : {"", "ipc://", "inproc://x", "/run/x.sock", "http://x"}) {
        EXPECT_FALSE(parse_endpoint(text)) << text;
    }
}

TEST(Choices, AreReadFromATypesName) {
    EXPECT_EQ(choices_of("on|off"), (std::vector<std::string>{"on", "off"}));
    EXPECT_TRUE(choices_of("string").empty());
}

}  // namespace
}  // namespace ie::cli
