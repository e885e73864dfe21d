#include "actors/reading/mail_text.hpp"

#include <gmock/gmock.h>

#include <ctime>

#include "actors/reading/html_text.hpp"
#include "messages/text.hpp"
#include "tests/support/mime_corpus.hpp"

namespace ie {
namespace {

const std::string mixed =
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n"
    "\n"
    "--b\n"
    "Content-Type: text/plain; charset=iso-8859-1\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "\n"
    "Gr=FC=DFe\n"
    "--b\n"
    "Content-Type: application/octet-stream\n"
    "\n"
    "not text\n"
    "--b\n"
    "Content-Type: text/html; charset=utf-8\n"
    "Content-Transfer-Encoding: base64\n"
    "\n"
    "PHA+SGVsbG8gPGI+d29ybGQ8L2I+PC9wPg==\n"
    "--b--\n";

TEST(HtmlText, TagsCommentsScriptsAndStylesAreGone) {
    EXPECT_EQ(html_text("<p>a<!-- <b>x</b> --><script>var a = '</b>';</script>b</p>"
                        "<STYLE>p {}</Style><a title=\"x > y\">c</a>"),
              "ab\nc");
}

TEST(HtmlText, ReferencesAreResolved) {
    EXPECT_EQ(html_text("1 &lt; 2 &amp; 3&nbsp;&#8364;&#x20AC; &unknown; & &; &# &#x; &copy"),
              "1 < 2 & 3 €€ &unknown; & &; &# &#x; ©");
    EXPECT_EQ(html_text("Caf&eacute; M&uuml;ller &ndash; &rdquo;&NotEqualTilde;&#10004"),
              "Café Müller – ”≂̸✔");
    EXPECT_EQ(html_text("&eacutea &notit; &amp;lt; &ampx"), "éa ¬it; &lt; &x");
    EXPECT_EQ(html_text("&#150;&#x80;&#129;"), "–€\ufffd") << "windows-1252";
    EXPECT_EQ(html_text("&#0;&#xD800;&#x110000;&#99999999999;"), "\ufffd\ufffd\ufffd\ufffd");
}

TEST(HtmlText, BlocksAreLinesCellsAreApartAndSpacesAreOne) {
    EXPECT_EQ(html_text("<div>a  \n b</div><br><br>c<td>d<th>e<TR>f<section>g</section>h"),
              "a b\nc d e\nf\ng\nh");
}

TEST(HtmlText, QuotesCountOnlyWhereAttributesHaveThem) {
    EXPECT_EQ(html_text("<a title=it's>b</a> <p class='x' \" '>c <a href = \">\">d"), "b\nc d");
}

TEST(HtmlText, WhatBrowsersTakeForACommentEndsWhereTheirsDoes) {
    EXPECT_EQ(html_text("a<!x=\">b<?php '>c</ x=\">d<!-->e<!--->f<!-- -- > --!>g"), "abcdefg");
    EXPECT_EQ(html_text("<![CDATA[a]]"), "a]]");
}

TEST(HtmlText, ItsCharsetIsToldByMeta) {
    EXPECT_EQ(html_charset("<head><META charset=\"Shift_JIS\">"), "Shift_JIS");
    EXPECT_EQ(html_charset("<meta name=x><meta http-equiv=Content-Type "
                           "content='text/html; charset = koi8-r'>"),
              "koi8-r");
    EXPECT_EQ(html_charset("<meta charset=utf-16>"), "utf-8");
    for (const char* none :
         {"", "charset=x", "<meta", "<meta charset", "<meta charset=", "<meta x>charset=a"}) {
        EXPECT_EQ(html_charset(none), "") << none;
    }
}

TEST(HtmlText, WhatIsCutOffEnds) {
    for (const char* html :
         {"<", "<a", "<a href=\"", "<!--", "<script>", "&", "&#", "</", "<a '>x"}) {
        EXPECT_LE(html_text(html).size(), std::string_view(html).size()) << html;
    }
}

TEST(HtmlText, IsNeverMoreThanItsInputAndLinear) {
    std::string html;
    while (html.size() < (4 << 20)) html += "<a \"><!-<b '&#x41<";
    const std::clock_t begun = std::clock();
    EXPECT_LE(html_text(html).size(), html.size());
    EXPECT_LT((std::clock() - begun) / CLOCKS_PER_SEC, 5);
}

TEST(MailText, TextPartsAreDecodedInOrder) {
    EXPECT_EQ(mail_text(mixed), "Grüße\n\nHello world\n");
}

TEST(MailText, AMailWithoutMimeIsItsBody) {
    EXPECT_EQ(mail_text("A: 1\n\nbody\n"), "body\n");
}

TEST(MailText, AForwardedMailIsReadToo) {
    EXPECT_EQ(mail_text("Content-Type: message/rfc822\n\nSubject: inner\n\nhello\n"), "hello\n");
}

TEST(MailText, GivesNoMoreThanItsBound) {
    mail_text_bounds bounds;
    bounds.text_bytes_max = 5;
    EXPECT_EQ(mail_text("A: 1\n\nGrüße und mehr\n", bounds), "Grü");
    bounds = {};
    bounds.parts_max = 3;
    EXPECT_EQ(mail_text(mixed, bounds), "Grüße");
    bounds = {};
    bounds.depth_max = 0;
    EXPECT_EQ(mail_text(mixed, bounds), "");
}

TEST(MailText, TenThousandLevelsAreSurvived) {
    std::string mail;
    for (int i = 0; i < 10'000; ++i) {
        const std::string level = std::to_string(i);
        mail += "Content-Type: multipart/mixed; boundary=b" + level + "\n\n--b" + level + "\n";
    }
    mail += "\ntext\n";
    EXPECT_LE(mail_text(mail).size(), mail.size());
    std::string forwards;
    for (int i = 0; i < 10'000; ++i) forwards += "Content-Type: message/rfc822\n\n";
    EXPECT_LE(mail_text(forwards + "\ntext\n").size(), forwards.size());
}

TEST(MailText, EveryHardMessageIsReadAsBoundedUtf8) {
    const auto corpus = testing::mime_corpus();
    ASSERT_GT(corpus.size(), 800U) << "the test data is missing: set IE_TEST_DATA";
    size_t with_text = 0;
    for (const auto& message : corpus) {
        const std::string text = mail_text(message.bytes);
        EXPECT_EQ(text, valid_utf8(text)) << message.name;
        EXPECT_LE(text.size(), mail_text_bounds{}.text_bytes_max) << message.name;
        with_text += text.empty() ? 0 : 1;
    }
    EXPECT_GT(with_text, corpus.size() / 2);
}

}  // namespace
}  // namespace ie
