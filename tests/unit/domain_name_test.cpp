#include "config/domain_name.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

std::string domain(std::string_view text) {
    return normal_domain(text).value_or("-");
}

std::string address(std::string_view text) {
    return normal_address(text).value_or("-");
}

TEST(DomainName, IsLowerCaseWithoutTheDotAtTheEnd) {
    EXPECT_EQ(domain("Shop.Alice.TEST."), "shop.alice.test");
    EXPECT_EQ(domain("localhost"), "localhost");
    EXPECT_EQ(domain("_dmarc.a_b.test"), "_dmarc.a_b.test");
    EXPECT_EQ(domain("3com.test"), "3com.test");
}

TEST(DomainName, OfOtherScriptsIsKeptAsALabels) {
    EXPECT_EQ(domain("m\xc3\xbcller.test"), "xn--mller-kva.test");
    EXPECT_EQ(domain("M\xc3\x9cLLER.Test."), "xn--mller-kva.test");
    EXPECT_EQ(domain("mu\xcc\x88ller.test"), "xn--mller-kva.test");  // u and a combining diaeresis
    EXPECT_EQ(domain("XN--Mller-KVA.test"), "xn--mller-kva.test");
    EXPECT_EQ(domain("\xe4\xbe\x8b\xe3\x80\x82test"), "xn--fsq.test");  // an ideographic full stop
}

TEST(DomainName, IsNothingWhereItIsNone) {
    for (const char* text : {"",
                             ".",
                             "..",
                             "a..test",
                             ".test",
                             "a.test..",
                             "a b.test",
                             "-a.test",
                             "a-.test",
                             "a/b",
                             "a@b.test",
                             "[192.0.2.1]",
                             "192.0.2.1",
                             "10",
                             "*.a.test",
                             "a.test\n",
                             "\xff.test",
                             "\xc3\xbc \xc3\xbc.test",
                             "\xc3\xbc@b.test",
                             "a:b",
                             "http://a.test"}) {
        EXPECT_EQ(domain(text), "-") << text;
    }
    EXPECT_EQ(domain(std::string_view("a\0b.test", 8)), "-");
    EXPECT_EQ(domain(std::string_view("\xc3\xbc\0.test", 8)), "-");
}

TEST(DomainName, IsBounded) {
    const std::string label(63, 'a');
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
    EXPECT_EQ(domain(longest), longest);
    EXPECT_EQ(domain(longest + "."), longest);
    EXPECT_EQ(domain(longest + "b"), "-");
    EXPECT_EQ(domain(label + "a.test"), "-");
    EXPECT_EQ(domain(std::string(10'000, 'a')), "-");
    std::string wide;
    for (int i = 0; i < 10'000; ++i) wide += "\xc3\xbc";
    EXPECT_EQ(domain(wide), "-");
}

TEST(MailAddress, IsLowerCaseWithANormalDomain) {
    EXPECT_EQ(address("Some_Email@Domain.COM"), "some_email@domain.com");
    EXPECT_EQ(address("a.b+Spring@m\xc3\xbcller.test."), "a.b+spring@xn--mller-kva.test");
    EXPECT_EQ(address("a/b=c@x.test"), "a/b=c@x.test");
    EXPECT_EQ(address("j\xc3\xbcrgen@x.test"), "j\xc3\xbcrgen@x.test");
}

TEST(MailAddress, KeepsTheQuotesThatItNeeds) {
    EXPECT_EQ(address("\"odd, @Local\"@x.test"), "\"odd, @local\"@x.test");
    EXPECT_EQ(address("\"a\\\"b\\\\\"@x.test"), "\"a\\\"b\\\\\"@x.test");
    EXPECT_EQ(address("\"plain\"@x.test"), "plain@x.test");
    EXPECT_EQ(address("\"p\\lain\"@x.test"), "plain@x.test");
    EXPECT_EQ(address("\"\"@x.test"), "\"\"@x.test");
    EXPECT_EQ(address("\"a..b\"@x.test"), "\"a..b\"@x.test");
}

TEST(MailAddress, IsNothingWhereItIsNone) {
    for (const char* text : {"",
                             "@",
                             "a",
                             "a@",
                             "@x.test",
                             "a b@x.test",
                             "a@b@x.test",
                             "a..b@x.test",
                             ".a@x.test",
                             "a.@x.test",
                             "\"a@x.test",
                             "\"a\"b@x.test",
                             "\"a\\\"@x.test",
                             "\"a\nb\"@x.test",
                             "\"",
                             "\"\\",
                             "<a@x.test>",
                             "a@[192.0.2.1]",
                             "a@192.0.2.1",
                             "a@x..test",
                             "\xff@x.test",
                             "a,b@x.test",
                             "a@x.test,b@x.test"}) {
        EXPECT_EQ(address(text), "-") << text;
    }
}

TEST(MailAddress, IsBounded) {
    const std::string local(64, 'a');
    EXPECT_EQ(address(local + "@x.test"), local + "@x.test");
    EXPECT_EQ(address(local + "a@x.test"), "-");
    EXPECT_EQ(address("\"" + std::string(62, ' ') + "\"@x.test").size(), 71U);
    EXPECT_EQ(address("\"" + std::string(63, ' ') + "\"@x.test"), "-");
    EXPECT_EQ(address("a@" + std::string(64 << 10, 'd')), "-");
}

TEST(UnquotedLocalPart, IsWhatStandsBetweenTheQuotes) {
    EXPECT_EQ(unquoted_local_part("alice"), "alice");
    EXPECT_EQ(unquoted_local_part("\"odd, one\""), "odd, one");
    EXPECT_EQ(unquoted_local_part(R"("a\"b\\c")"), R"(a"b\c)");
    EXPECT_EQ(unquoted_local_part("\"\""), "");
}

TEST(UnquotedLocalPart, LeavesAloneWhatIsntQuotedAtBothEnds) {
    for (const auto* text : {"", "\"", "\"a", "a\"", "a\\b"}) {
        EXPECT_EQ(unquoted_local_part(text), text);
    }
    EXPECT_EQ(unquoted_local_part("\"a\\\""), "a\\");  // nothing is read beyond its end
}

TEST(MailAddress, HasItsDomainBehindTheLastAt) {
    EXPECT_EQ(domain_part("\"a@b\"@x.test"), "x.test");
    EXPECT_EQ(domain_part("nothing"), "");
}

}  // namespace
}  // namespace ie
