// Files in what isn't an archive, and in archives of which only the names can be read.
#include <gmock/gmock.h>

#include "actors/scanner/attachments/archives/old_archive_names.hpp"
#include "actors/scanner/attachments/containers/invite_files.hpp"
#include "actors/scanner/attachments/containers/outlook_message.hpp"
#include "actors/scanner/attachments/containers/signed_content.hpp"
#include "tests/support/attachment_rules.hpp"
#include "tests/support/made_archive.hpp"
#include "tests/support/made_outlook_message.hpp"
#include "tests/support/mail_with.hpp"

namespace ie {
namespace {

using namespace std::string_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::inert_program;
using ::testing::IsEmpty;
using testing::mail_with;
using testing::outlook_message;
using testing::scan_in_peace;
using ::testing::SizeIs;

auto findings_in(std::string_view name, std::string_view bytes) {
    return scan_in_peace(mail_with(name, bytes)).findings;
}

std::string number(uint64_t value, size_t size) {
    std::string out;
    for (; size > 0; --size, value >>= 8) out += static_cast<char>(value & 0xff);
    return out;
}

// A header of ARJ, with the bytes of the file behind it.
std::string arj_part(const std::string& name, const std::string& data) {
    constexpr size_t first = 30;
    const std::string basic = number(first, 1) + std::string(11, '\0') + number(data.size(), 4) +
                              std::string(first - 16, '\0') + name + "\0\0"s;
    return "\x60\xea" + number(basic.size(), 2) + basic + std::string(4, 'c') + number(0, 2) + data;
}

TEST(OldArchives, AnArjIsJudgedByItsNames) {
    const std::string bytes =
        arj_part("a.arj", "") + arj_part("a.txt", "hello") + arj_part("run.exe", "x");
    EXPECT_THAT(arj_names(bytes, 10), ElementsAre("a.txt", "run.exe"));
    EXPECT_THAT(arj_names(bytes, 1), SizeIs(1));
    EXPECT_THAT(findings_in("a.arj", bytes), Contains("a.arj/run.exe: program by name"));
    EXPECT_THAT(findings_in("a.jpg", arj_part("a.arj", "") + arj_part("a.txt", "hello")),
                ElementsAre("a.jpg: can't be read: judged by its names"));
    for (size_t size = 0; size < bytes.size(); ++size) arj_names(bytes.substr(0, size), 10);
}

std::string ace_part(uint8_t type, uint16_t flags, const std::string& fields) {
    const std::string header = number(type, 1) + number(flags, 2) + fields;
    return "cc" + number(header.size(), 2) + header;
}

TEST(OldArchives, AnAceIsJudgedByItsNames) {
    const auto file = [](const std::string& name, const std::string& data) {
        return ace_part(
                   1, 1,
                   number(data.size(), 4) + std::string(22, '\0') + number(name.size(), 2) + name) +
               data;
    };
    const std::string bytes = ace_part(0, 0, "**ACE**" + std::string(20, '\0')) +
                              file("a.txt", "hello") + file("run.exe", "x");
    EXPECT_THAT(ace_names(bytes, 10), ElementsAre("a.txt", "run.exe"));
    EXPECT_THAT(findings_in("a.ace", bytes), Contains("a.ace/run.exe: program by name"));
    for (size_t size = 0; size < bytes.size(); ++size) ace_names(bytes.substr(0, size), 10);
}

TEST(OldArchives, AnLzmaIsUnpacked) {
    const auto bytes = testing::made_archive("ustar", {{"run.exe", "x"}}, "lzma");
    EXPECT_THAT(findings_in("a.dat", bytes), ElementsAre("a.dat/run.exe: program by name"));
}

TEST(OutlookMessage, ItsFilesAreJudged) {
    const std::string bytes = outlook_message("invoice.js", std::string(5'000, 'x'));
    const auto files = outlook_files(bytes, 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_THAT(files[0].names, ElementsAre("invoice.js"));
    EXPECT_EQ(files[0].bytes, std::string(5'000, 'x'));
    EXPECT_THAT(findings_in("a.msg", bytes), ElementsAre("a.msg/invoice.js: program by name"));
    EXPECT_THAT(findings_in("a.msg", outlook_message("b.jpg", inert_program())),
                ElementsAre("a.msg/b.jpg: program by content"));
    EXPECT_THAT(findings_in("a.msg", outlook_message("b.txt", "hello")), IsEmpty());
}

TEST(OutlookMessage, IsTakenFromAnyBytes) {
    const std::string whole = outlook_message("invoice.js", std::string(5'000, 'x'));
    for (size_t size = 0; size < whole.size(); size += 7) outlook_files(whole.substr(0, size), 10);
    for (size_t at = 0; at < 3 * 512; at += 3) {
        std::string altered = whole;
        altered[at] = '\x01';
        EXPECT_LE(outlook_files(altered, 10).size(), 10U);
    }
}

// In DER.
std::string der(uint8_t tag, const std::string& content) {
    std::string size = number(content.size(), 1);
    if (content.size() > 127) {
        size = "\x82" + number(content.size() >> 8, 1) + number(content.size(), 1);
    }
    return static_cast<char>(tag) + size + content;
}

// Without signers and certificates, whom nobody asks here.
std::string signed_message(const std::string& content) {
    constexpr uint8_t integer = 2, octets = 4, oid = 6, sequence = 0x30, set = 0x31,
                      explicit0 = 0xa0;
    const std::string pkcs7 = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    const std::string data =
        der(sequence, der(oid, pkcs7 + "\x01") + der(explicit0, der(octets, content)));
    return der(sequence, der(oid, pkcs7 + "\x02") +
                             der(explicit0, der(sequence, der(integer, "\x01") + der(set, "") +
                                                              data + der(set, ""))));
}

TEST(SignedContent, IsReadAsAMail) {
    const std::string inner = mail_with("run.exe", "x");
    const std::string message = signed_message(inner);
    EXPECT_EQ(signed_content(message), inner);
    EXPECT_THAT(findings_in("smime.p7m", message),
                ElementsAre("smime.p7m/run.exe: program by name"));
    EXPECT_THAT(findings_in("smime.p7m", "no such thing"), IsEmpty());
    for (size_t size = 0; size < message.size(); ++size) signed_content(message.substr(0, size));
}

TEST(InviteFiles, AreJudged) {
    const std::string invite =
        "BEGIN:VCALENDAR\r\nATTACH:https://far.test/a.exe\r\n"
        "ATTACH;FMTTYPE=x/y;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=\"run\r\n .exe\":SGVs\r\n "
        "bG8=\r\n"
        "END:VCALENDAR\r\n";
    const auto files = invite_files(invite, 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_EQ(files[0].name, "run.exe");
    EXPECT_EQ(files[0].bytes, "Hello");
    EXPECT_THAT(findings_in("invite.ics", invite),
                ElementsAre("invite.ics/run.exe: program by name"));
    EXPECT_THAT(scan_in_peace("Content-Type: text/calendar\n\n" + invite).findings,
                ElementsAre("text/calendar/run.exe: program by name"));
}

}  // namespace
}  // namespace ie
