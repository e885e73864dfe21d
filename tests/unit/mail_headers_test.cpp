#include "actors/reading/mail_headers.hpp"

#include <gmock/gmock.h>

#include <ctime>

#include "messages/text.hpp"
#include "tests/support/mime_corpus.hpp"

namespace ie {
namespace {

std::string subject_of(const std::string& value) {
    return read_traits("Subject: " + value + "\n").subject;
}

TEST(MailHeaders, HeaderBlockEmptyLineAndBodyAreTheWholeMail) {
    const std::string mail = "A: 1\r\nB: 2\r\n\r\nbody\n\nmore";
    const auto split = split_mail(mail);
    EXPECT_EQ(split.header_block, "A: 1\r\nB: 2\r\n");
    EXPECT_EQ(mail.substr(split.body_offset), "body\n\nmore");
}

TEST(MailHeaders, AMailWithoutAnEmptyLineIsAllHeaders) {
    for (const std::string mail : {"", "A: 1", "A: 1\n", "\r"}) {
        const auto split = split_mail(mail);
        EXPECT_EQ(split.header_block, mail);
        EXPECT_EQ(split.body_offset, mail.size());
    }
}

TEST(MailHeaders, AMailMayBeginWithItsBody) {
    const auto split = split_mail("\nbody");
    EXPECT_EQ(split.header_block, "");
    EXPECT_EQ(split.body_offset, 1U);
}

TEST(MailHeaders, FieldsComeInOrderUnfolded) {
    const auto headers =
        read_headers("Received: from a\r\n\tby b;\r\n  \t date\n\tx\r\nX-Y:z\nreceived: 2\n");
    const std::vector<mail_header> expected{
        {"Received", "from a by b; date x"}, {"X-Y", "z"}, {"received", "2"}};
    EXPECT_EQ(headers, expected);
}

TEST(MailHeaders, LinesThatAreNoFieldAreLeftOut) {
    const auto headers =
        read_headers(" leading\nFrom x@y Mon Jan 1 10:00:00\nno colon\n: x\nA: 1\n");
    EXPECT_EQ(headers, (std::vector<mail_header>{{"A", "1"}}));
}

TEST(MailHeaders, EncodedWordsAreDecoded) {
    EXPECT_EQ(subject_of("=?iso-8859-1?Q?Gr=FC=DFe?="), "Grüße");
    EXPECT_EQ(subject_of("=?utf-8?B?5L2g?=\r\n =?utf-8?B?5aW9?= x"), "你好 x");
    EXPECT_EQ(subject_of("plain"), "plain");
}

TEST(MailHeaders, WhatCantBeDecodedIsStillValidUtf8) {
    for (const std::string value :
         {"=?utf-8?B?////?=", "=?nonsense?Q?=FF?=", "=?utf-8?Q?=ED=A0=80?=", "=?utf-8?Q?unclosed",
          "raw \xE9 latin", "\xFF\xFE", "=?utf-7?Q?+AAA-?=", "=?utf-8?Q?=00?="}) {
        const std::string subject = subject_of(value);
        EXPECT_EQ(subject, valid_utf8(subject)) << value;
    }
    EXPECT_EQ(subject_of("raw \xE9 latin"), "raw é latin");
}

TEST(MailHeaders, ANulDoesNotHideTheRest) {
    EXPECT_EQ(subject_of(std::string("a\0b", 3)), "a\uFFFDb");
}

TEST(MailHeaders, TheFirstSubjectCounts) {
    EXPECT_EQ(read_traits("SUBJECT: one\nSubject: two\n").subject, "one");
    EXPECT_EQ(read_traits("Subject:\nSubject: two\n").subject, "");
}

TEST(MailHeaders, ASubjectOfAMegabyteIsBoundedBetweenCharacters) {
    std::string value;
    while (value.size() < (1 << 20)) value += "é";
    const std::string subject = subject_of(value);
    EXPECT_LE(subject.size(), subject_bytes_max);
    EXPECT_GT(subject.size(), subject_bytes_max - 4);
    EXPECT_EQ(subject, valid_utf8(subject));
}

TEST(MailHeaders, AHostileMegabyteIsReadInBoundedTime) {
    std::string words;
    while (words.size() < (1 << 20)) words += "=?utf-8?q?a?= ";
    std::string fields;
    while (fields.size() < (3 << 20)) fields += "S: =?b?b?";
    std::string lines;
    while (lines.size() < (3 << 20)) lines += "a:=?x?q?=?=\n";
    const std::clock_t begun = std::clock();
    for (const auto& block : {"Subject: " + words + "\n", fields, lines}) {
        EXPECT_LE(read_headers(block).size(), header_count_max);
    }
    EXPECT_LT((std::clock() - begun) / CLOCKS_PER_SEC, 5);
}

TEST(MailHeaders, ThePhpScriptIsTaken) {
    const auto traits = read_traits(
        "X-PHP-Originating-Script: 1004:file.php\n"
        "X-PHP-Script: WWW.x.com/dir/contact.php for 192.0.2.1, 192.0.2.2\n");
    EXPECT_EQ(traits.script_header,
              (script_header{"WWW.x.com/dir/contact.php for 192.0.2.1, 192.0.2.2", "www.x.com",
                             "/dir/contact.php"}));
}

TEST(MailHeaders, PhpsOwnHeaderNamesNoDomain) {
    const auto traits =
        read_traits("X-PHP-Originating-Script: 1004:file.php(12) : eval()'d code\n");
    EXPECT_EQ(traits.script_header,
              (script_header{"1004:file.php(12) : eval()'d code", "", "file.php"}));
}

TEST(MailHeaders, OddScriptHeadersAreTakenAsTheyAre) {
    EXPECT_EQ(parse_php_script("nothing"), (script_header{"nothing", "nothing", ""}));
    EXPECT_EQ(parse_php_script(" for x"), (script_header{" for x", "", ""}));
    EXPECT_EQ(parse_originating_script("file.php"), (script_header{"file.php", "", "file.php"}));
}

TEST(MailHeaders, EveryHardMessageIsSplitExactlyAndReadAsUtf8) {
    const auto corpus = testing::mime_corpus();
    ASSERT_GT(corpus.size(), 800U) << "the test data is missing: set IE_TEST_DATA";
    for (const auto& message : corpus) {
        const auto split = split_mail(message.bytes);
        const size_t end = split.header_block.size();
        const std::string between = message.bytes.substr(end, split.body_offset - end);
        EXPECT_THAT(between, ::testing::AnyOf("", "\n", "\r\n")) << message.name;
        for (const auto& header : read_headers(split.header_block)) {
            EXPECT_EQ(header.value, valid_utf8(header.value)) << message.name;
        }
    }
}

}  // namespace
}  // namespace ie
