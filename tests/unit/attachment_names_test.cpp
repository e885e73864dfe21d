#include <gmock/gmock.h>

#include "actors/scanner/attachments/dangerous_names.hpp"
#include "actors/scanner/attachments/finding_list.hpp"
#include "actors/scanner/attachments/name_parameters.hpp"
#include "config/windows_programs.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

bool is_dangerous(std::string_view name) {
    static const dangerous_names names(windows_programs());
    return names.match(name);
}

TEST(DangerousNames, AreToldByTheirLastExtension) {
    for (const char* name : {"a.exe", "A.EXE", "invoice.pdf.exe", "invoice.pdf          .scr",
                             "a.tar.js", "..\\..\\x.com", "/tmp/x.hta", ".bat"}) {
        EXPECT_TRUE(is_dangerous(name)) << name;
    }
    for (const char* name : {"", ".", "exe", "invoice.exe.pdf", "a.exe/readme.txt", "notes.txt",
                             "photo.jpg", "book.docm", "page.html", "disk.iso", "a.exercise"}) {
        EXPECT_FALSE(is_dangerous(name)) << name;
    }
}

TEST(DangerousNames, LoseWhatClientsAndWindowsDropAtTheEnd) {
    for (const char* name : {"a.exe.", "a.exe. . ", "a.exe ", "a.exe\t", "\"a.exe\"", "a.exe;",
                             "a.exe\xc2\xa0", "a.exe\xe3\x80\x80", "a.exe?"}) {
        EXPECT_TRUE(is_dangerous(name)) << name;
    }
}

TEST(DangerousNames, HideBehindNoMarkThatCannotBeSeen) {
    for (const char* name : {"ann\u202egpj.exe", "a.e\u200bxe", "a.exe\u202c", "a\u2060.exe",
                             "a.e\u00adxe", "a.exe\ufeff", "a.\u2066exe\u2069", "a.e\ufe0fxe"}) {
        EXPECT_TRUE(is_dangerous(name)) << name;
    }
    EXPECT_FALSE(is_dangerous("ann\u202eexe.jpg"));
}

TEST(DangerousNames, AreKnownInEveryWidthAndDot) {
    for (const char* name : {"a\uff0eexe", "a.\uff45\uff58\uff45", "a\u2024exe", "a\u3002exe",
                             "a\uff61exe", "a\ufe52exe"}) {
        EXPECT_TRUE(is_dangerous(name)) << name;
    }
}

TEST(DangerousNames, EndAtANulOrAStreamsColon) {
    using namespace std::string_view_literals;
    EXPECT_TRUE(is_dangerous("a.exe\0.pdf"sv));
    EXPECT_TRUE(is_dangerous("a.\0e\0x\0e\0"sv));
    EXPECT_TRUE(is_dangerous("a.exe:stream"));
    EXPECT_TRUE(is_dangerous("a.exe::$DATA"));
    EXPECT_FALSE(is_dangerous("a.pdf:stream"));
}

TEST(DangerousNames, AClassIdInPlaceOfAnExtensionIsOne) {
    EXPECT_TRUE(is_dangerous("photo.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}"));
    EXPECT_FALSE(is_dangerous("photo.{3050F4D8}"));
}

TEST(DangerousNames, AreWhatTheAdministratorListed) {
    const dangerous_names names({"xyz"});
    EXPECT_TRUE(names.match("a.XYZ"));
    EXPECT_FALSE(names.match("a.exe"));
}

TEST(DangerousNames, AMegabyteIsReadAtItsEnd) {
    EXPECT_TRUE(is_dangerous(std::string(1 << 20, 'x') + ".exe"));
    EXPECT_TRUE(is_dangerous(std::string(1 << 20, '\xff') + ".exe"));
}

TEST(NameParameters, PlainQuotedAndUnquotedNames) {
    EXPECT_THAT(names_in("attachment; filename=\"a b.exe\""), Contains("a b.exe"));
    EXPECT_THAT(names_in("attachment;FILENAME = a.exe (comment)"), Contains("a.exe"));
    EXPECT_THAT(names_in("application/x; name=my file.exe; x=y"), Contains("my file.exe"));
    EXPECT_THAT(names_in("attachment; filename=\"a;b.exe\""), Contains("a;b.exe"));
    EXPECT_THAT(names_in("attachment; filename=\"a.exe"), Contains("a.exe"));
    EXPECT_THAT(names_in("attachment; filename=\"\"q\\\"uote.exe\""), Contains("quote.exe"));
}

TEST(NameParameters, NothingWhereThereIsNone) {
    for (const char* value : {"", "attachment", ";", "=;=", "attachment; size=7", "*=", ";*0*="}) {
        EXPECT_THAT(names_in(value), IsEmpty()) << value;
    }
}

TEST(NameParameters, EveryOneOfSeveralNames) {
    const auto names = names_in("attachment; filename=a.pdf; filename=b.exe; name=\"c.txt\"");
    for (const char* each : {"a.pdf", "b.exe", "c.txt"}) EXPECT_THAT(names, Contains(each));
}

TEST(NameParameters, ExtendedWithCharsetAndPercentSigns) {
    EXPECT_THAT(names_in("attachment; filename*=utf-8''%69nv%2Eexe"), Contains("inv.exe"));
    EXPECT_THAT(names_in("attachment; filename*=iso-8859-1'de'%FCber.exe"), Contains("über.exe"));
    EXPECT_THAT(names_in("attachment; filename*=utf-16be''%00a%00.%00e%00x%00e"),
                Contains("a.exe"));
    EXPECT_THAT(names_in("attachment; filename*=nonsense''a%2Eexe"), Contains("a.exe"));
    EXPECT_THAT(names_in("attachment; filename=\"a%2Eexe\""), Contains("a.exe"));
}

TEST(NameParameters, SectionsInAnyOrder) {
    EXPECT_THAT(names_in("attachment; filename*1=exe; filename*0=inv."), Contains("inv.exe"));
    EXPECT_THAT(names_in("attachment; filename*0*=utf-8''in%; filename*1*=76.exe"),
                Contains("inv.exe"));
    EXPECT_THAT(names_in("attachment; filename*0=\"inv.\"; filename*1=\"e\"; filename*2=\"xe\""),
                Contains("inv.exe"));
    EXPECT_THAT(names_in("attachment; filename*10=exe; filename*9=. ; filename*0=a"),
                Contains("a.exe"));
}

TEST(NameParameters, EncodedWordsWhereTheyAreForbidden) {
    EXPECT_THAT(names_in("attachment; filename==?utf-8?B?aW52LmV4ZQ==?="), Contains("inv.exe"));
    EXPECT_THAT(names_in("attachment; filename=\"=?utf-8?Q?inv.=65xe?=\""), Contains("inv.exe"));
    EXPECT_THAT(names_in("application/x; name=\"=?utf-8?Q?inv?=\r\n =?utf-8?Q?.exe?=\""),
                Contains("inv.exe"));
}

TEST(NameParameters, FoldedInTheMiddle) {
    EXPECT_THAT(names_in("attachment;\r\n filename=\"inv.\r\n exe\""), Contains("inv.exe"));
}

TEST(NameParameters, AMegabyteOfThemTakesNoLongerThanItMust) {
    std::string value = "attachment";
    while (value.size() < (1 << 20)) value += "; filename*1*=\"%41\\\"=?utf-8?q?x?=";
    EXPECT_LT(names_in(value).size(), value.size());
}

TEST(FindingList, TellsEachOnceDangersFirstAndFew) {
    finding_list list;
    list.note("a.zip", "encrypted");
    for (int i = 0; i < 2; ++i) list.danger("a.zip/b.exe", "program by name");
    EXPECT_THAT(list.take().findings,
                ElementsAre("a.zip/b.exe: program by name", "a.zip: encrypted"));
}

finding_list list_of(size_t dangers, size_t name_bytes = 1) {
    finding_list list;
    for (size_t i = 0; i < dangers; ++i) {
        const std::string number = std::to_string(i);
        list.danger(std::string(name_bytes - std::min(name_bytes, number.size()), 'n') + number,
                    "program by name");
    }
    return list;
}

TEST(FindingList, SaysHowManyMoreThereAre) {
    EXPECT_THAT(list_of(8).take().findings,
                AllOf(SizeIs(8), Contains("7: program by name"), Not(Contains(HasSubstr("more")))));
    auto list = list_of(20);
    list.note("a.zip", "encrypted");
    EXPECT_FALSE(list.is_full());
    const auto found = list.take();
    EXPECT_THAT(found.findings, SizeIs(8));
    EXPECT_EQ(found.findings[6], "6: program by name");
    EXPECT_EQ(found.findings[7], "and 14 more");
}

TEST(FindingList, CountsSoManyOnly) {
    auto list = list_of(finding_list::counted_max);
    EXPECT_TRUE(list.is_full());
    EXPECT_EQ(list.take().findings.back(), "and many more");
    EXPECT_EQ(list_of(10'000).take().findings.back(), "and many more");
    EXPECT_EQ(list_of(finding_list::counted_max - 1).take().findings.back(), "and 92 more");
}

TEST(FindingList, FitsIntoATicketAtEachLengthAndNumber) {
    for (size_t dangers = 0; dangers < 12; ++dangers) {
        for (size_t name_bytes = 1; name_bytes < 250; ++name_bytes) {
            const auto found = list_of(dangers, name_bytes).take();
            size_t bytes = 0;
            for (const auto& each : found.findings) bytes += each.size();
            ASSERT_LE(bytes, hold_ticket::findings_bytes_max) << dangers << ' ' << name_bytes;
            ASSERT_LE(found.findings.size(), hold_ticket::findings_max);
            const bool is_whole = found.findings.size() == dangers &&
                                  (dangers == 0 || found.findings.back().ends_with(" by name"));
            const size_t told = found.findings.size() - (is_whole ? 0 : 1);
            if (!is_whole) {
                ASSERT_EQ(found.findings.back(), "and " + std::to_string(dangers - told) + " more");
            }
            ASSERT_GE(told, std::min<size_t>(dangers, 5)) << name_bytes;
            ASSERT_EQ(found.is_dangerous, dangers > 0);
        }
    }
}

TEST(FindingList, IsFitForALogWhateverTheNameIs) {
    finding_list list;
    list.danger("a\n\x1b\u202e\xff.exe", "program by name");
    std::string longest;
    while (longest.size() < 5'000) longest += "é";
    list.danger(path_below(longest, longest + ".exe"), "program by name");
    const auto found = list.take();
    ASSERT_THAT(found.findings, SizeIs(2));
    EXPECT_EQ(found.findings[0], "a\\n\\x1b\\u{202e}\ufffd.exe: program by name");
    EXPECT_LE(found.findings[1].size(), hold_ticket::finding_bytes_max);
    EXPECT_TRUE(found.findings[1].ends_with("é.exe: program by name"));
    EXPECT_EQ(found.findings[1], valid_utf8(found.findings[1]));
}

}  // namespace
}  // namespace ie
