#include "actors/reading/charset.hpp"

#include <gtest/gtest.h>

#include "messages/text.hpp"

namespace ie {
namespace {

using namespace std::string_literals;

struct labelled {
    std::string bytes;
    std::string label;
    std::string text;
};

void PrintTo(const labelled& each, std::ostream* out) {
    *out << each.label << ": " << testing::PrintToString(each.bytes);
}

class Charset : public testing::TestWithParam<labelled> {};

TEST_P(Charset, IsReadAsMailClientsDo) {
    EXPECT_EQ(text_of(GetParam().bytes, GetParam().label), GetParam().text);
}

// Labels that say little: what the bytes are counts.
INSTANTIATE_TEST_SUITE_P(SaysLittle, Charset,
                         testing::Values(labelled{"Gr\xc3\xbc\xc3\x9f", "us-ascii", "Grüß"},
                                         labelled{"Gr\xfc\xdf", "US-ASCII", "Grüß"},
                                         labelled{"Gr\xc3\xbc", "iso-8859-1", "Grü"},
                                         labelled{"\x93x\x94 \x80", "latin1", "“x” €"},
                                         labelled{"\x93x\x94 \x80", "windows-1252", "“x” €"},
                                         labelled{"\x81\x8d\xff", "cp1252", "\ufffd\ufffdÿ"},
                                         labelled{"Gr\xfc", "", "Grü"},
                                         labelled{"Gr\xfc", "no-such-charset", "Grü"},
                                         labelled{"Gr\xc3\xbc", "no-such-charset", "Grü"},
                                         labelled{"Gr\xfc", "utf-8//IGNORE", "Grü"}));

INSTANTIATE_TEST_SUITE_P(
    Western, Charset,
    testing::Values(labelled{"\xe8", "iso-8859-2", "č"}, labelled{"\xa4", "iso-8859-15", "€"},
                    labelled{"\x80\xfd", "iso-8859-9", "€ı"}, labelled{"\x94", "cp-850", "ö"},
                    labelled{"\x94", "ibm850", "ö"}, labelled{"\x8a", "x-mac-roman", "ä"},
                    labelled{"\xcf\xf0", "win-1251", "Пр"}, labelled{"\xcf\xf0", "x-cp1251", "Пр"},
                    labelled{"\xcf\xf0", "Windows-1251", "Пр"}, labelled{"\xf0\xd2", "koi8", "Пр"},
                    labelled{"\x8f\xe0", "866", "Пр"}, labelled{"\xa1", "tis-620", "ก"},
                    labelled{"\xf9", "iso-8859-8-i", "ש"},
                    labelled{"\xf9", "\"windows-1255\"", "ש"}));

INSTANTIATE_TEST_SUITE_P(
    EastAsian, Charset,
    testing::Values(labelled{"\x8c\x63\xb9\xe6", "ks_c_5601-1987", "똠방"},
                    labelled{"\x8c\x63", "euc-kr", "똠"},
                    labelled{"\x87\x40\x8f\x64\x97\x76", "shift_jis", "①重要"},
                    labelled{"\x87\x40", "windows-31j", "①"}, labelled{"\x87\x40", "x-sjis", "①"},
                    labelled{"\xad\xa1", "euc-jp", "①"}, labelled{"\xa4\xa4", "euc-jp", "い"},
                    labelled{"\xc4\xe3\x81\x40", "gb2312", "你丂"},
                    labelled{"\xc4\xe3", "x-gbk", "你"},
                    labelled{"\x81\x30\x81\x30", "gb18030", "\u0080"},
                    labelled{"\xa7\x41", "big5", "你"}, labelled{"\xa7\x41", "cn-big5", "你"}));

// What looks like ASCII and isn't.
INSTANTIATE_TEST_SUITE_P(SevenBits, Charset,
                         testing::Values(labelled{"a\x1b$B$\"-!\x1b(Bb", "iso-2022-jp", "aあ①b"},
                                         labelled{"\x1b(I1\x1b(B", "iso-2022-jp", "ｱ"},
                                         labelled{"\x1b$(D0!\x1b(B", "iso-2022-jp", "丂"},
                                         labelled{"\x1b$B$\"\nabc", "csiso2022jp", "あ\nabc"},
                                         labelled{"\x1b$)C\x0e\x30\x21\x0f", "iso-2022-kr", "가"},
                                         labelled{"+ZeVnLIqe-", "utf-7", "日本語"},
                                         labelled{"a~{<:Ky~}~~b", "hz-gb-2312", "a己所~b"}));

INSTANTIATE_TEST_SUITE_P(Unicode, Charset,
                         testing::Values(labelled{"\xef\xbb\xbfGr\xc3\xbc", "iso-8859-2", "Grü"},
                                         labelled{"\xff\xfe"s + "a\0"s, "utf-8", "a"},
                                         labelled{"\xfe\xff"s + "\0a"s, "utf-16", "a"},
                                         labelled{"a\0b\0"s, "utf-16", "ab"},
                                         labelled{"\0a"s, "utf-16be", "a"},
                                         labelled{"\xc3\xbc\xff", "utf8", "ü\ufffd"},
                                         labelled{"a\0b"s, "utf-8",
                                                  "a\ufffd"
                                                  "b"},
                                         labelled{"a\0b"s, "",
                                                  "a\ufffd"
                                                  "b"}));

// Another than it says.
INSTANTIATE_TEST_SUITE_P(Mislabelled, Charset,
                         testing::Values(labelled{"Gr\xc3\xbc\xc3\x9f", "shift_jis", "Grüß"},
                                         labelled{"\xe2\x82\xac", "euc-kr", "€"},
                                         labelled{"ab\xff", "gb2312", "ab\ufffd"},
                                         labelled{"\x1b$B$\"\xff", "iso-2022-jp", "あ\ufffd"}));

TEST(CharsetText, IsAlwaysUtf8AndLosesNoLetter) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i) + "x"s;
    for (const char* label :
         {"",      "utf-8",       "shift_jis", "gbk",       "iso-2022-jp", "iso-2022-kr", "hz",
          "utf-7", "utf-16",      "big5",      "euc-kr",    "euc-jp",      "koi8-r",      "cp437",
          "tcvn",  "iso-2022-cn", "utf-32",    "ebcdic-us", "char",        "\0x"}) {
        const std::string text = text_of(bytes, label);
        EXPECT_EQ(text, valid_utf8(text)) << label;
        EXPECT_EQ(text.find('\0'), text.npos) << label;
        EXPECT_EQ(text_of("", label), "") << label;
    }
}

}  // namespace
}  // namespace ie
