#include <gmock/gmock.h>

#include "actors/scanner/attachments/containers/inline_files.hpp"
#include "actors/scanner/attachments/containers/tnef.hpp"
#include "actors/scanner/attachments/containers/web_link.hpp"
#include "actors/scanner/attachments/content_kind.hpp"
#include "tests/support/made_archive.hpp"

namespace ie {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using ::testing::ElementsAre;
using testing::inert_program;
using ::testing::IsEmpty;
using testing::made_archive;
using ::testing::SizeIs;

// A compound file of one sector, whose root has that class.
std::string compound_file(std::string_view class_id) {
    std::string bytes(1'024, '\0');
    bytes.replace(0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    bytes[30] = 9;
    return bytes.replace(512 + 80, class_id.size(), class_id);
}

TEST(ContentKind, AProgramByItsHeader) {
    EXPECT_EQ(kind_of(inert_program()), content_kind::program);
    EXPECT_EQ(kind_of("MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0\x40\0\0\0"sv),
              content_kind::program);
    EXPECT_EQ(kind_of("MZ"), content_kind::other);
    EXPECT_EQ(kind_of("MZ is how every program of DOS begins, and this text, too"),
              content_kind::other);
    EXPECT_EQ(kind_of("\x7f"
                      "ELF\2\1\1\0\0\0\0\0\0\0\0\0"sv),
              content_kind::other);
}

TEST(ContentKind, AnInstallerAmongCompoundFiles) {
    const auto installer = "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv;
    const auto document = "\x06\x09\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv;
    EXPECT_EQ(kind_of(compound_file(installer)), content_kind::installer);
    EXPECT_EQ(kind_of(compound_file(document)), content_kind::compound);
    EXPECT_EQ(kind_of(compound_file(installer).substr(0, 600)), content_kind::compound);
}

TEST(ContentKind, ShortcutsEncodedScriptsAndHelp) {
    EXPECT_EQ(kind_of("L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F\0"sv), content_kind::shortcut);
    EXPECT_EQ(kind_of("#@~^XAAAAA=="), content_kind::encoded_script);
    EXPECT_EQ(kind_of("ITSF\3\0\0\0"sv), content_kind::help);
}

TEST(ContentKind, ArchivesWhateverTheyAreCalled) {
    for (const char* format : {"zip", "7zip", "iso9660", "ustar", "v7tar", "pax", "cpio", "newc"}) {
        EXPECT_EQ(kind_of(made_archive(format, {{"a", "b"}})), content_kind::archive) << format;
    }
    for (const char* filter : {"gzip", "bzip2", "xz", "zstd", "lz4", "lzip", "compress"}) {
        EXPECT_EQ(kind_of(made_archive("ustar", {{"a", "b"}}, filter)), content_kind::compressed)
            << filter;
    }
    EXPECT_EQ(kind_of("junk before it" + testing::zip_of({{"a", "b"}})), content_kind::archive);
    EXPECT_EQ(kind_of(std::string(600, '\0')), content_kind::other);
    EXPECT_EQ(kind_of(std::string(600, ' ')), content_kind::other);
}

TEST(ContentKind, IsTakenFromAnyBytes) {
    for (const auto& whole : {inert_program(), compound_file("x"), testing::zip_of({{"a", "b"}})}) {
        for (size_t size = 0; size < std::min<size_t>(whole.size(), 700); ++size) {
            kind_of(std::string_view(whole).substr(0, size));
        }
    }
}

TEST(InlineFiles, UuencodedOnesAreDecoded) {
    const std::string text = "hello\nbegin 644 cat.txt\n#0V%T\n`\nend\nbegin with this\n";
    ASSERT_TRUE(may_have_inline_files(text));
    const auto files = inline_files(text, 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_EQ(files[0].name, "cat.txt");
    EXPECT_EQ(files[0].bytes, "Cat");
}

TEST(InlineFiles, YencIsKnownByItsName) {
    const auto files =
        inline_files("=ybegin line=128 size=3 name=a b.exe\r\n\xff\r\n=yend\r\n", 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_EQ(files[0].name, "a b.exe");
}

TEST(InlineFiles, NoneInProseAndNoMoreThanAskedFor) {
    EXPECT_THAT(inline_files("begin the day\nbegin 12345678 x\nbegin 644 a.exe\n\n", 10),
                IsEmpty());
    EXPECT_FALSE(may_have_inline_files("we begin 644 x\n"));
    std::string many;
    for (int i = 0; i < 100; ++i) many += "begin 644 x\n#0V%T\n`\nend\n";
    EXPECT_THAT(inline_files(many, 10), SizeIs(10));
}

// An attribute of a file in winmail.dat.
std::string attribute(std::string_view id, std::string_view data) {
    return "\2" + std::string(id) + static_cast<char>(data.size()) + std::string(3, '\0') +
           std::string(data) + "xx";
}

// A value that has a size, filled up to four bytes.
std::string property(std::string_view tag, std::string_view value) {
    std::string out(tag);
    for (const size_t number : {size_t{1}, value.size()}) {
        out += static_cast<char>(number) + std::string(3, '\0');
    }
    return out.append(value).append((4 - value.size() % 4) % 4, '\0');
}

const auto long_name = property("\x1f\0\x07\x37"sv, "a\0.\0e\0x\0e\0"sv);
const auto a_number = "\3\0\x05\x37\1\0\0\0"sv;
const auto named_number =
    "\3\0\x01\x80"
    "0123456789abcdef"
    "\1\0\0\0\6\0\0\0n\0m\0e\0xx\7\0\0\0"sv;

std::string winmail(std::string_view properties) {
    return "\x78\x9f\x3e\x22kk" + attribute("\x02\x90\x06\0"sv, "rendering") +
           attribute("\x10\x80\1\0"sv, "A~1.EXE"sv) + attribute("\x0f\x80\x06\0"sv, "content") +
           attribute("\x05\x90\x06\0"sv, properties);
}

TEST(Tnef, HasFilesWithBothNames) {
    const std::string bytes =
        winmail("\3\0\0\0"s.append(a_number).append(named_number) + long_name);
    ASSERT_EQ(kind_of(bytes), content_kind::tnef);
    const auto files = tnef_files(bytes, 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_THAT(files[0].names, ElementsAre("A~1.EXE", "a.exe"));
    EXPECT_EQ(files[0].bytes, "content");
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_LE(tnef_files(bytes.substr(0, size), 10).size(), 1U);
    }
}

// What looks like a tag in a value is none.
TEST(Tnef, PropertiesAreReadByTheirTypesAndSizes) {
    const auto decoy = property("\x02\1\xff\x0f"sv, long_name);
    const std::string bytes = winmail("\1\0\0\0"s + decoy);
    const auto files = tnef_files(bytes, 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_THAT(files[0].names, ElementsAre("A~1.EXE"));
}

TEST(Tnef, AMessageInItIsAFile) {
    const auto inner = property("\x0d\0\x01\x37"sv, "0123456789abcdef\x78\x9f\x3e\x22"sv);
    const std::string bytes = winmail("\1\0\0\0"s + inner);
    const auto files = tnef_files(bytes, 10);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_EQ(files[0].bytes, "\x78\x9f\x3e\x22");
}

TEST(WebLink, IsALinkToTheWebAndNothingElse) {
    EXPECT_TRUE(is_web_link("[InternetShortcut]\r\nURL=https://example.com/\r\nModified=7\r\n"));
    EXPECT_TRUE(is_web_link("[DEFAULT]\nBASEURL=http://a/\n[InternetShortcut]\nURL=http://a/"));
    for (const char* other :
         {"", "URL=http://a/", "[InternetShortcut]\n", "[InternetShortcut]\nURL=file://host/a.exe",
          "[InternetShortcut]\nURL=http://a/\nIconFile=\\\\host\\a.ico",
          "[InternetShortcut]\nURL=search-ms:query", "WScript.Echo 1"}) {
        EXPECT_FALSE(is_web_link(other)) << other;
    }
}

}  // namespace
}  // namespace ie
