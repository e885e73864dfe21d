// Programs in archives, in all ways to pack them, and archives that are made to hurt.
#include <gmock/gmock.h>

#include <ctime>

#include "actors/scanner/attachments/archives/rar5_headers.hpp"
#include "messages/hex.hpp"
#include "tests/support/attachment_rules.hpp"
#include "tests/support/made_rar.hpp"
#include "tests/support/mail_with.hpp"

namespace ie {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using testing::default_attachment_rules;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::inert_program;
using ::testing::IsEmpty;
using testing::made_archive;
using testing::made_rar4;
using testing::made_rar5;
using testing::mail_with;
using testing::rar_secret;
using testing::scan_in_peace;
using testing::zip_of;

auto findings_in(std::string_view name, std::string_view bytes,
                 const attachment_rules& rules = default_attachment_rules()) {
    return scan_in_peace(mail_with(name, bytes), rules).findings;
}

bool holds(std::string_view name, std::string_view bytes) {
    return scan_in_peace(mail_with(name, bytes)).is_dangerous;
}

// So that no compressor is in the way, each call of the clock is a millisecond.
attachments_found scan_for_ms(const std::string& mail, int64_t left_ms) {
    return scan_attachments(mail, default_attachment_rules(),
                            {[] { return false; }, [left_ms]() mutable { return --left_ms < 0; }});
}

class Timed : public ::testing::Test {
  protected:
    void TearDown() override { EXPECT_LT((std::clock() - begun_) / CLOCKS_PER_SEC, 20); }
    std::clock_t begun_ = std::clock();  // of the processor: the machine may be busy
};
class AttachmentBombs : public Timed {};

TEST(AttachmentArchives, AProgramIsFoundByNameInEachFormat) {
    for (const char* format : {"zip", "7zip", "ustar", "v7tar", "pax", "cpio", "newc"}) {
        const auto bytes = made_archive(format, {{"notes.txt", "x"}, {"d/run.exe", "inert"}});
        EXPECT_THAT(findings_in("a.bin", bytes), ElementsAre("a.bin/d/run.exe: program by name"))
            << format;
        EXPECT_FALSE(holds("a.bin", made_archive(format, {{"notes.txt", "x"}, {"d/b.pdf", "y"}})))
            << format;
    }
}

// The names of Joliet and Rock Ridge stand beside those of ISO 9660, which are "RUN.EXE;1".
TEST(AttachmentArchives, AProgramIsFoundByNameInEachKindOfIso) {
    for (const char* options : {"", "!joliet", "!rockridge"}) {
        const auto image =
            made_archive("iso9660", {{"a.txt", "x"}, {"d/run.exe", "inert"}}, "none", options);
        EXPECT_THAT(findings_in("a.iso", image), ElementsAre("a.iso/d/run.exe: program by name"))
            << options;
    }
    const auto plain = made_archive("iso9660", {{"a.txt", "x"}, {"d/run.exe", "inert"}}, "none",
                                    "!joliet,!rockridge");
    EXPECT_THAT(findings_in("a.iso", plain), ElementsAre("a.iso/D/RUN.EXE: program by name"));
    const auto harmless = made_archive("iso9660", {{"a.txt", "x"}});
    EXPECT_THAT(findings_in("a.iso", harmless), IsEmpty());
}

TEST(AttachmentArchives, AProgramIsFoundInRars) {
    for (const auto& made : {made_rar4, made_rar5}) {
        const auto bytes =
            made({{"a.txt", "x"}, {"d/run.exe", "x"}, {"photo.jpg", inert_program()}},
                 rar_secret::nothing);
        EXPECT_THAT(
            findings_in("a.bin", bytes),
            ElementsAre("a.bin/d/run.exe: program by name", "a.bin/photo.jpg: program by content"));
        EXPECT_THAT(findings_in("a.rar", made({{"a.txt", "x"}}, rar_secret::nothing)), IsEmpty());
    }
}

TEST(AttachmentArchives, AProgramIsFoundByContentInEachFormat) {
    for (const char* format : {"zip", "7zip", "ustar", "newc", "iso9660"}) {
        const auto bytes =
            made_archive(format, {{"notes.txt", "x"}, {"photo.jpg", inert_program()}});
        EXPECT_THAT(findings_in("a.bin", bytes), ElementsAre("a.bin/photo.jpg: program by content"))
            << format;
    }
}

TEST(AttachmentArchives, TarsAndFilesAreFoundBehindEachCompressor) {
    for (const char* filter : {"gzip", "bzip2", "xz", "zstd", "lz4", "lzip", "compress"}) {
        const auto tar = made_archive("ustar", {{"run.scr", "inert"}}, filter);
        EXPECT_THAT(findings_in("a.tgz", tar), ElementsAre("a.tgz/run.scr: program by name"))
            << filter;
        const auto file = made_archive("raw", {{"", inert_program()}}, filter);
        EXPECT_TRUE(holds("a.pdf.gz", file)) << filter;
    }
    const auto text = made_archive("raw", {{"", "dir"}}, "gzip");
    EXPECT_THAT(findings_in("a.bat.gz", text), ElementsAre("a.bat.gz: program by name"));
    EXPECT_THAT(findings_in("example.com.tgz", text), IsEmpty());
}

TEST(AttachmentArchives, NamesInOtherAlphabetsAreRead) {
    for (const char* format : {"zip", "7zip", "pax"}) {
        const auto bytes = made_archive(format, {{"счёт\u202e.exe", "inert"}});
        EXPECT_THAT(findings_in("a.bin", bytes),
                    ElementsAre("a.bin/счёт\\u{202e}.exe: program by name"))
            << format;
    }
}

TEST(AttachmentArchives, EachMayStandInEachOther) {
    const std::string mail = mail_with("inner.zip", zip_of({{"run.exe", "inert"}}));
    const auto tgz = made_archive("ustar", {{"m.eml", mail}}, "gzip");
    const auto seven = made_archive("7zip", {{"t.bin", tgz}});
    const auto image = made_archive("iso9660", {{"s.7z", seven}});
    EXPECT_THAT(findings_in("a.zip", zip_of({{"i.iso", image}})),
                ElementsAre("a.zip/i.iso/s.7z/t.bin/m.eml/inner.zip/run.exe: program by name"));
}

TEST(AttachmentArchives, AnEncryptedOneIsJudgedByItsNamesAndSaysSo) {
    for (const char* options : {"zip:encryption=zipcrypt", "zip:encryption=aes256"}) {
        const auto with_program = made_archive(
            "zip", {{"a.txt", "x"}, {"run.exe", inert_program()}}, "none", options, "p");
        EXPECT_THAT(
            findings_in("a.zip", with_program),
            ElementsAre("a.zip/run.exe: program by name", "a.zip: encrypted: judged by its names"));
        const auto harmless = made_archive("zip", {{"a.txt", "x"}}, "none", options, "p");
        EXPECT_FALSE(holds("a.zip", harmless));
        EXPECT_THAT(findings_in("a.zip", harmless),
                    ElementsAre("a.zip: encrypted: judged by its names"));
    }
}

TEST(AttachmentArchives, AnEncryptedRarIsJudgedByItsNamesAndSaysSo) {
    for (const auto& made : {made_rar4, made_rar5}) {
        EXPECT_THAT(
            findings_in("a.rar", made({{"a.txt", "x"}, {"run.exe", "x"}}, rar_secret::contents)),
            ElementsAre("a.rar/run.exe: program by name", "a.rar: encrypted: judged by its names"));
        EXPECT_THAT(findings_in("a.rar", made({{"run.exe", "x"}}, rar_secret::names)),
                    ElementsAre("a.rar: encrypted: judged by its names"));
        EXPECT_FALSE(holds("a.rar", made({{"a.txt", "x"}}, rar_secret::contents)));
    }
    const auto noise = made_rar4({{"photo.jpg", inert_program()}}, rar_secret::contents);
    EXPECT_FALSE(holds("a.rar", noise));
}

TEST(RarEncryption, IsKnownOnceItsMarkIsThere) {
    for (const auto secret : {rar_secret::contents, rar_secret::names}) {
        const auto whole = made_rar5({{"a.txt", "x"}}, secret);
        bool is_known = false;
        for (size_t size = 0; size <= whole.size(); ++size) {
            const bool is_known_now = is_encrypted_rar5(whole.substr(0, size));
            ASSERT_GE(is_known_now, is_known) << size;
            is_known = is_known_now;
        }
        EXPECT_TRUE(is_known);
    }
    EXPECT_FALSE(is_encrypted_rar5(made_rar5({{"a.txt", "x"}}, rar_secret::nothing)));
}

TEST(RarEncryption, LookingForItEndsWhateverTheBytesAre) {
    const auto whole = made_rar5({{"a.txt", "x"}, {"b.txt", "y"}}, rar_secret::nothing);
    for (size_t at = 8; at < whole.size(); ++at) {
        for (const char noise : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
            auto altered = whole;
            altered[at] = noise;
            is_encrypted_rar5(altered);
            is_encrypted_rar5(altered.substr(0, at) + std::string(100, noise));
        }
    }
}

// a.txt and run.exe, made by 7-Zip with a password: nothing in Debian's libarchive encrypts 7z.
constexpr std::string_view encrypted_contents_7z =
    "377abcaf271c00047e4702746f00000000000000200000000000000052714e11fdb79e01721a783515b33ffc"
    "a95b7e330000813307ae0fcef2b20c07b0c3daf75f458a98484af6b94c9490feebcdbfc52666a82f079afa42"
    "d31e0470deda60f757c93dc7800b566d51388043cff041d5b399b42eeeff03fd1c11d30abbf149244e38a6c7"
    "0cd7ef9cdc8e2d0b0e176017061001095f00070b01000123030101055d001000000c6e0a01aa150ef50000";
constexpr std::string_view encrypted_names_7z =
    "377abcaf271c0004ac3497b770000000000000003b000000000000005e482613d14c91fde9f126f9ea49a9eb"
    "a1a2f2374cd647ff280dcbb0a536e679b6bdde46f7aac6461c5545ce4c33b0df8d9bbd5beb9074f656a5e671"
    "603ca1b4f9f4a13a10fcbfc55911d6e0274f2bde1b8c2c045e4eca24c497c40e108067c24e1bd9a49f392c3f"
    "bcaa368ad99cf4f7d0f4c9a417061001096000070b0100022406f1070112530fcbc8a3fb47ed2093a5db90ef"
    "366780d323030101055d0010000001000c606e0a01d2377ede0000";

TEST(AttachmentArchives, AnEncrypted7zIsJudgedByItsNamesAndSaysSo) {
    EXPECT_THAT(
        findings_in("a.7z", *from_hex(encrypted_contents_7z)),
        ElementsAre("a.7z/run.exe: program by name", "a.7z: encrypted: judged by its names"));
    EXPECT_THAT(findings_in("a.7z", *from_hex(encrypted_names_7z)),
                ElementsAre("a.7z: encrypted: judged by its names"));
}

TEST(AttachmentArchives, AnEncryptedEntryHidesNoneBehindIt) {
    const auto encrypted =
        made_archive("zip", {{"a.txt", "x"}}, "none", "zip:encryption=zipcrypt", "p");
    const auto bytes = zip_of({{"a.zip", encrypted}, {"b.jpg", inert_program()}});
    EXPECT_THAT(findings_in("o.zip", bytes),
                ElementsAre("o.zip/b.jpg: program by content",
                            "o.zip/a.zip: encrypted: judged by its names"));
}

TEST(AttachmentArchives, ADamagedZipIsJudgedByTheNamesThatAreLeft) {
    auto bytes = zip_of({{"a.txt", std::string(3'000, 'x')}, {"run.exe", inert_program()}});
    const auto cut = bytes.substr(0, bytes.size() - 30);
    EXPECT_TRUE(holds("a.zip", cut));
    const size_t second = bytes.find("PK\3\4", 4);
    EXPECT_TRUE(holds("a.zip", bytes.substr(0, second + 40)));
    auto in_directory_only = bytes;
    in_directory_only.replace(second, 46, std::string(46, 'X'));
    EXPECT_TRUE(holds("a.zip", in_directory_only));
    bytes.replace(second - 10, 10, "XXXXXXXXXX");
    EXPECT_TRUE(holds("a.zip", bytes.substr(0, bytes.find("PK\1\2"))));
}

TEST(AttachmentArchives, WhatCannotBeReadIsTold) {
    EXPECT_THAT(findings_in("a.rar", "no archive"),
                ElementsAre("a.rar: can't be read: judged by its name"));
    EXPECT_THAT(findings_in("a.7z", "7z\xbc\xaf\x27\x1c junk"),
                ElementsAre("a.7z: damaged: judged by what can be seen"));
}

TEST(AttachmentArchives, ThoseBeyondTheBoundsAreJudgedByWhatWasSeen) {
    auto rules = default_attachment_rules();
    rules.entries_max = 3;
    std::vector<testing::made_file> many(10, {"a.txt", "x"});
    many.push_back({"b.jpg", inert_program()});
    constexpr std::string_view by_names =
        "a.zip: many entries: judged by the names of all and the first contents";
    EXPECT_THAT(findings_in("a.zip", zip_of(many), rules), ElementsAre(by_names));
    many.push_back({"run.exe", "x"});
    EXPECT_THAT(findings_in("a.zip", zip_of(many), rules),
                ElementsAre("a.zip/run.exe: program by name", by_names));
    rules = default_attachment_rules();
    rules.unpacked_bytes_max = 1 << 16;
    const auto large = zip_of({{"a.zip", std::string(1 << 20, 'x')}, {"run.exe", "x"}});
    EXPECT_THAT(findings_in("a.zip", large, rules),
                AllOf(Contains("a.zip/run.exe: program by name"),
                      Contains("a.zip: too large: judged by what was seen")));
}

// A bound that one sender's files use up is none for what else the mail has.
TEST(AttachmentArchives, EachAttachmentHasItsOwnBounds) {
    auto rules = default_attachment_rules();
    rules.entries_max = 3;
    const std::vector<testing::made_file> many(10, {"a.txt", "x"});
    const auto hidden = zip_of({{"b.jpg", inert_program()}});
    for (const auto& mail : {mail_with({{"a.zip", zip_of(many)}, {"b.zip", hidden}}),
                             mail_with({{"b.zip", hidden}, {"a.zip", zip_of(many)}})}) {
        EXPECT_TRUE(scan_in_peace(mail, rules).is_dangerous);
    }
}

TEST(AttachmentArchives, NoHonestMailHasSoManyNames) {
    const std::vector<testing::made_file> sources(20'000, {"src/a.cpp", "x"});
    EXPECT_FALSE(holds("a.zip", zip_of(sources)));
    const std::vector<testing::made_file> too_many(100'001, {"a", ""});
    EXPECT_THAT(findings_in("a", zip_of(too_many)), ElementsAre("a: too many entries"));
    EXPECT_THAT(findings_in("a.tgz", made_archive("ustar", too_many, "gzip")),
                ElementsAre("a.tgz: too many entries"));
}

// What takes long by itself is judged by its names, but keeps nothing else from being looked at.
TEST(AttachmentArchives, OneThatTakesLongHidesNoOther) {
    const auto slow = zip_of({{"a.txt", std::string(100'000, 'x')}});
    const auto scan_spent = [](const std::string& mail) {
        int calls = 0;
        return scan_attachments(mail, default_attachment_rules(),
                                {[&calls] { return ++calls > 3; }, [] { return false; }});
    };
    EXPECT_FALSE(scan_spent(mail_with("a.zip", slow)).is_dangerous);
    EXPECT_THAT(scan_spent(mail_with({{"a.zip", slow}, {"b.zip", slow}})).findings,
                Contains(HasSubstr("takes too long to look into")));
}

TEST(AttachmentArchives, NoneIsReadWhenTheTimeIsUp) {
    const std::string mail = mail_with("a.zip", zip_of({{"b.jpg", inert_program()}}));
    EXPECT_TRUE(scan_for_ms(mail, 1'000).is_dangerous);
    EXPECT_THAT(scan_for_ms(mail, 0).findings,
                ElementsAre("a.zip: no time left: judged by what was seen"));
    const std::string plain = mail_with("run.exe", inert_program());
    EXPECT_TRUE(scan_for_ms(plain, 0).is_dangerous);
}

std::string nested(std::string bytes, size_t levels) {
    for (size_t i = 0; i < levels; ++i) bytes = zip_of({{"n.zip", bytes}});
    return bytes;
}

TEST_F(AttachmentBombs, TwoHundredLevelsOfArchive) {
    const auto program = zip_of({{"run.exe", "x"}});
    EXPECT_TRUE(holds("a.zip", nested(program, 10)));
    EXPECT_THAT(findings_in("a.zip", nested(program, 200)),
                ElementsAre(HasSubstr("n.zip: nested too deep: not looked into")));
}

TEST_F(AttachmentBombs, AGigabyteOfZeros) {
    const std::string zeros(64 << 20, '\0');
    const auto tgz = made_archive("ustar", {{"whole.zip", zeros}}, "gzip");
    std::vector<testing::made_file> files;
    for (int i = 0; i < 16; ++i) files.push_back({std::to_string(i) + ".tgz", tgz});
    files.push_back({"run.exe", "x"});
    for (const char* format : {"zip", "7zip"}) {
        EXPECT_THAT(
            findings_in("a.zip", made_archive(format, files)),
            AllOf(Contains("a.zip/run.exe: program by name"), Contains(HasSubstr("too large"))))
            << format;
    }
}

TEST_F(AttachmentBombs, AnEntryThatIsSkippedIsNotUnpackedForEver) {
    const std::string zeros(64 << 20, '\0');
    const auto tgz = made_archive("ustar", {{"a.bin", zeros}, {"b.bin", zeros}}, "gzip");
    EXPECT_FALSE(scan_for_ms(mail_with("a.tgz", tgz), 20).findings.empty());
    EXPECT_TRUE(findings_in("a.tgz", tgz).empty());
}

TEST_F(AttachmentBombs, TenThousandPartsAndLevels) {
    std::string wide = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 10'000; ++i) wide += "--b\nContent-Type: text/plain\n\nx\n";
    wide += "--b\nContent-Type: text/plain; name=run.exe\n\nx\n--b--\n";
    EXPECT_TRUE(scan_in_peace(wide).is_dangerous);
    std::string deep;
    for (int i = 0; i < 10'000; ++i) {
        const std::string level = std::to_string(i);
        deep += "Content-Type: multipart/mixed; boundary=b" + level + "\n\n--b" + level + "\n";
    }
    deep += "Content-Type: text/plain; name=run.exe\n\ntext\n";
    EXPECT_TRUE(scan_in_peace(deep).is_dangerous);
    std::string forwards;
    for (int i = 0; i < 10'000; ++i) forwards += "Content-Type: message/rfc822\n\n";
    forwards += "Content-Type: text/plain; name=run.exe\n\ntext\n";
    EXPECT_THAT(scan_in_peace(forwards).findings, ElementsAre(HasSubstr("nested too deep")));
}

// Each stands behind the end of the one before.
TEST_F(AttachmentBombs, AThousandMultipartsOutsideOfEachOther) {
    std::string mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n";
    for (int i = 0; i < 1'000; ++i) {
        const std::string line = "--c" + std::to_string(i);
        mail += line + "\nContent-Type: text/plain\n\nx\n" + line + "--\n";
    }
    EXPECT_THAT(scan_in_peace(mail).findings, ElementsAre(HasSubstr("too many readings")));
}

}  // namespace
}  // namespace ie
