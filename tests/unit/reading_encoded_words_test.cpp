#include "actors/reading/encoded_words.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "messages/text.hpp"

namespace ie {
namespace {

TEST(EncodedWords, AreDecodedByBothEncodings) {
    EXPECT_EQ(header_text("=?utf-8?B?R3LDvMOfZQ==?= an =?ISO-8859-1?q?alle_Gr=FC=DFe?="),
              "Grüße an alle Grüße");
}

TEST(EncodedWords, SpaceBetweenTwoIsNotShown) {
    EXPECT_EQ(header_text("=?utf-8?q?a?=\r\n  =?utf-8?q?b?= c =?utf-8?q?_d?="), "ab c  d");
}

TEST(EncodedWords, ACharacterMayBeCutInTwo) {
    EXPECT_EQ(header_text("=?utf-8?B?w7w=?= =?utf-8?B?ww==?= =?UTF-8?B?vA==?="), "üü");
    EXPECT_EQ(header_text("=?utf-8?q?=C3?= =?utf-8?q?=BC?="), "ü");
}

TEST(EncodedWords, NeedNoPadding) {
    EXPECT_EQ(header_text("=?utf-8?B?R3LDvMOfZQ?="), "Grüße");
    EXPECT_EQ(header_text("=?utf-8?b?R3LDvMOfZQ=?="), "Grüße");
}

TEST(EncodedWords, AreFoundWhereTheyShouldNotBe) {
    EXPECT_EQ(header_text("\"=?utf-8?q?=C3=BC?=\"x=?utf-8?q?y z?=w"), "\"ü\"xy zw");
    EXPECT_EQ(header_text("=?utf-8*de?q?=C3=BC?="), "ü");
}

TEST(EncodedWords, WhatIsNoneStays) {
    for (const char* text : {"=?", "=?utf-8", "=?utf-8?x?a?=", "=?utf-8?q?a", "a =?= b",
                             "=?a b?q?c?=", "=?utf-8?q?", "?=", "=??"}) {
        EXPECT_EQ(header_text(text), text);
    }
}

TEST(EncodedWords, RawBytesAreInTheGivenCharset) {
    EXPECT_EQ(header_text("\xcf\xf0 =?utf-8?q?=C3=BC?=", "windows-1251"), "Пр ü");
    EXPECT_EQ(header_text("Gr\xc3\xbc"), "Grü");
    EXPECT_EQ(header_text("Gr\xfc"), "Grü");
}

TEST(EncodedWords, AreReadInLinearTime) {
    for (const std::string part : {"=?a?q?", "=?", "=?utf-8?q?a?= ", "=?a b?q?c?="}) {
        std::string value;
        while (value.size() < (2 << 20)) value += part;
        const std::clock_t begun = std::clock();
        const std::string text = header_text(value);
        EXPECT_EQ(text, valid_utf8(text));
        EXPECT_LT(std::clock() - begun, 10 * CLOCKS_PER_SEC) << part;
    }
}

}  // namespace
}  // namespace ie
