#include "actors/intake/php_script.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

const script_witness alice{1'001, [](std::string_view domain) { return domain == "alice.test"; }};

std::string script_of(const std::string& mail) {
    return sending_script(mail, alice);
}

std::string path_of(const std::string& path) {
    return script_of("X-PHP-Originating-Script: 1001:" + path + "\n\n");
}

TEST(PhpScript, IsNamedByDomainAndPathWhereTheAccountOwnsTheDomain) {
    EXPECT_EQ(script_of("X-PHP-Script: Shop.Alice.Test/Contact.php for 192.0.2.1, 10.0.0.1\n\n"),
              "shop.alice.test/Contact.php");
    EXPECT_EQ(script_of("X-PHP-Script: alice.test.evil.test/x.php for 192.0.2.1\n\n"), "");
    EXPECT_EQ(script_of("X-PHP-Script: test/x.php for 192.0.2.1\n\n"), "");
    EXPECT_EQ(script_of("X-PHP-Script: alice.test for 192.0.2.1\n\n"), "");
}

TEST(PhpScript, AsksAboutNoDomainThatIsNone) {
    size_t asked = 0;
    const script_witness counting{1'001, [&](std::string_view) {
                                      ++asked;
                                      return false;
                                  }};
    const std::string dots(script_headers_bytes_max - 100, '.');
    EXPECT_EQ(sending_script("X-PHP-Script: " + dots + "/x for 192.0.2.1\n\n", counting), "");
    EXPECT_EQ(sending_script("X-PHP-Script: a\x1b[2J.test/x for 192.0.2.1\n\n", counting), "");
    EXPECT_EQ(asked, 0U);
}

TEST(PhpScript, IsNamedByItsFileWhereOnlyTheUidIsKnown) {
    EXPECT_EQ(script_of("x-php-originating-script: 1001:mailer.php\r\n\r\n"), "mailer.php");
    for (const char* value : {"1002:mailer.php", "mailer.php", ":mailer.php", "-1:x", "1001x:y",
                              "99999999999999999999:x", "", "1001:"}) {
        EXPECT_EQ(script_of("X-PHP-Originating-Script: " + std::string(value) + "\n\n"), "")
            << value;
    }
}

TEST(PhpScript, IsOneWhateverPhpSaysOfCodeThatWasMadeInIt) {
    for (const char* path : {"f.php(1826) : eval()'d code", "f.php(3) : runtime-created function",
                             "f.php(1) : eval()'d code(2) : eval()'d code", " f.php "}) {
        EXPECT_EQ(path_of(path), "f.php") << path;
    }
    EXPECT_EQ(path_of("f(1).php"), "f(1).php");
    for (const char* value :
         {"alice.test:8080/f.php for 192.0.2.1", "alice.test/f.php for", "alice.test/f.php for ",
          " alice.test/f.php  for ::1", "alice.test/f.php(7) : eval()'d code for 192.0.2.1"}) {
        EXPECT_EQ(script_of("X-PHP-Script: " + std::string(value) + "\n\n"), "alice.test/f.php")
            << value;
    }
}

TEST(PhpScript, IsNotBelievedAtAllWhereTheTwoHeadersNameDifferentUids) {
    EXPECT_EQ(script_of("X-PHP-Script: alice.test/x.php for 192.0.2.1\n"
                        "X-PHP-Originating-Script: 1002:x.php\n\n"),
              "");
    EXPECT_EQ(script_of("X-PHP-Script: alice.test/x.php for 192.0.2.1\n"
                        "X-PHP-Originating-Script: 1001:x.php\n\n"),
              "alice.test/x.php");
}

TEST(PhpScript, StandsInTheHeadersOnlyAndTheFirstOneCounts) {
    EXPECT_EQ(script_of("Subject: x\n\nX-PHP-Originating-Script: 1001:x.php\n\n"), "");
    EXPECT_EQ(script_of("X-PHP-Originating-Script: 1001:a.php\n"
                        "X-PHP-Originating-Script: 1001:b.php\n\n"),
              "a.php");
    EXPECT_EQ(script_of(std::string(script_headers_bytes_max, 'a') +
                        "\nX-PHP-Originating-Script: 1001:x.php\n\n"),
              "");
}

TEST(PhpScript, HasOneNameHoweverItsPathIsWritten) {
    EXPECT_EQ(path_of("/a//b/./../c.php?x=1#y"), "a/c.php");
    EXPECT_EQ(path_of("../../c.php"), "c.php");
    EXPECT_EQ(path_of("c.php\x01rest"), "c.php");
    EXPECT_EQ(path_of("a\xff.php"), "a\xef\xbf\xbd.php");
    EXPECT_LE(path_of(std::string(1'000, 'a')).size(), script_bytes_max);
}

}  // namespace
}  // namespace ie
