// Where in a mail a file may stand.
#include <gmock/gmock.h>

#include "tests/support/attachment_rules.hpp"
#include "tests/support/made_archive.hpp"
#include "tests/support/mail_with.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using testing::inert_program;
using ::testing::IsEmpty;
using testing::mail_with;
using testing::scan_in_peace;

auto findings_in(const std::string& mail) {
    EXPECT_TRUE(may_have_attachments(mail));
    return scan_in_peace(mail).findings;
}

TEST(AttachmentMails, ByNameByContentByType) {
    EXPECT_THAT(findings_in(mail_with("run.exe", "x")), ElementsAre("run.exe: program by name"));
    EXPECT_THAT(findings_in(mail_with("a.jpg", inert_program())),
                ElementsAre("a.jpg: program by content"));
    EXPECT_THAT(findings_in("Content-Type: application/x-msdownload\n\nx\n"),
                ElementsAre("application/x-msdownload: program by type"));
    EXPECT_THAT(findings_in("Content-Type: application/x-msdownload; name=a.pdf\n\nx\n"),
                IsEmpty());
}

TEST(AttachmentMails, AKindThatIsNotListedIsNoDangerByContentEither) {
    const attachment_rules rules{dangerous_names({"lnk"})};
    EXPECT_FALSE(scan_in_peace(mail_with("run.exe", inert_program()), rules).is_dangerous);
}

TEST(AttachmentMails, InForwardedMailEvenWhereItIsEncoded) {
    const std::string inner = mail_with("run.exe", "x");
    EXPECT_THAT(findings_in("Content-Type: message/rfc822\n\n" + inner),
                ElementsAre("message/run.exe: program by name"));
    EXPECT_THAT(findings_in(mail_with("a.eml", inner)),
                ElementsAre("a.eml/run.exe: program by name"));
    EXPECT_THAT(findings_in("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
                            testing::base64(inner) + "\n"),
                ElementsAre("message/rfc822/run.exe: program by name"));
}

TEST(AttachmentMails, InTheText) {
    const std::string file = "begin 644 run.exe\n#0V%T\n`\nend\n";
    EXPECT_THAT(findings_in("Subject: x\n\nhello\n" + file),
                ElementsAre("run.exe: program by name"));
    EXPECT_THAT(findings_in("\n" + file), ElementsAre("run.exe: program by name"));
    EXPECT_THAT(findings_in("Content-Transfer-Encoding: x-uuencode\n\n" + file),
                ElementsAre("run.exe: program by name"));
    EXPECT_THAT(findings_in("Subject: x\n\n=ybegin line=128 size=3 name=run.exe\nabc\n"),
                ElementsAre("run.exe: program by name"));
}

TEST(AttachmentMails, OutsideOfWhatABoundaryEncloses) {
    const std::string part = "--b\nContent-Type: text/plain; name=run.exe\n\nx\n--b--\n";
    for (const char* boundary : {"; boundary=b\n\n--b--\n", "; boundary=other\n\n", "\n\n"}) {
        EXPECT_THAT(findings_in(std::string("Content-Type: multipart/mixed") + boundary + part),
                    ElementsAre("run.exe: program by name"))
            << boundary;
    }
}

TEST(AttachmentMails, BehindANulInTheHeader) {
    std::string mail = mail_with("#run.vbs", "x");
    mail[mail.find('#')] = '\0';
    EXPECT_THAT(findings_in(mail), ElementsAre("run.vbs: program by name"));
}

TEST(AttachmentMails, ALinkToTheWebPasses) {
    const std::string link = "[InternetShortcut]\r\nURL=https://example.com/\r\n";
    EXPECT_THAT(findings_in(mail_with("a.url", link)), IsEmpty());
    EXPECT_THAT(findings_in(mail_with("a.url", "WScript.Echo 1")),
                ElementsAre("a.url: program by name"));
}

TEST(AttachmentMails, PlainTextNeedsNoLook) {
    for (const char* mail :
         {"", "x", "Subject: x\n\nbody\n", "Subject: x\r\n\r\nwe begin 644 x\r\n",
          "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nbody\n",
          "CONTENT-TYPE: TEXT/HTML;\n charset=utf-8\nContent-Language: de\n\nbody\n"}) {
        EXPECT_FALSE(may_have_attachments(mail)) << mail;
    }
    for (const char* mail :
         {"Content-Type: text/plain; name=a.exe\n\n", "Content-Type: text/calendar\n\n",
          "Content-Type: text/plain;\n\tNAME=\"a.exe\"\n\n", "Content-Disposition: inline\n\n",
          "Content-Transfer-Encoding: base64\n\n", "Content-Type\n\n",
          "Content-Type : multipart/mixed\n\n"}) {
        EXPECT_TRUE(may_have_attachments(mail)) << mail;
    }
}

}  // namespace
}  // namespace ie
