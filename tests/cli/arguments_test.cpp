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

TEST(NumberOrNone, TakesMinusOneBesidesItsRange) {
    EXPECT_EQ(*parse_number_or_none("-1", {0, UINT32_MAX}), -1);
    EXPECT_EQ(*parse_number_or_none("0", {0, UINT32_MAX}), 0);
    EXPECT_EQ(*parse_number_or_none("4294967295", {0, UINT32_MAX}), 4'294'967'295);
    for (const char* text : {"", "-2", "-01", "-", "3", "one", "1 "}) {
        const auto refused = parse_number_or_none(text, {1, 2});
        ASSERT_FALSE(refused) << text;
        EXPECT_NE(refused.failure().what.find("-1 or a whole number from 1 to 2"),
                  std::string::npos);
    }
}

TEST(Fraction, IsADecimalNumberAndStaysAsItWasWritten) {
    for (const char* text : {"6", "6.0", "0.25", "-5", "1000000"}) {
        EXPECT_EQ(*parse_fraction(text), text);
    }
    for (const char* text : {"", " 6", "6 ", "+6", "6,0", "1e3", "0x6", "inf", "nan", "six", "-"}) {
        EXPECT_FALSE(parse_fraction(text)) << text;
    }
}

TEST(ObjectIds, AreAtLeastOneAndAsManyAsARequestTakes) {
    EXPECT_EQ(parse_object_ids(an_id)->front(), object_id(an_id));
    for (const char* text : {"", ",", " ", "mws"}) EXPECT_FALSE(parse_object_ids(text)) << text;
}

TEST(SupportedValues, AreReadFromADescription) {
    EXPECT_EQ(supported_values("supported values: [a b_c]"),
              (std::vector<std::string>{"a", "b_c"}));
    EXPECT_TRUE(supported_values("anything else [a b]").empty());
    EXPECT_TRUE(supported_values("").empty());
}

TEST(Name, IsOneOfTheEnums) {
    EXPECT_EQ(*parse_name<sender_kind>("sender_email"), sender_kind::sender_email);
    EXPECT_EQ(parse_name<sender_kind>("sender").failure().what,
              "'sender' isn't one of account|domain|sender_email|script");
}

}  // namespace
}  // namespace ie::cli
