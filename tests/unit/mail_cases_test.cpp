// What the reader of a small odd mail must see of it.
#include <gmock/gmock.h>

#include "actors/reading/mail_headers.hpp"
#include "actors/reading/mail_text.hpp"
#include "tests/support/mail_cases.hpp"

namespace ie {
namespace {

TEST(MailCases, AreAllInTheTable) {
    size_t mails = 0;
    for (const auto& each : std::filesystem::directory_iterator(testing::cases_folder)) {
        mails += each.path().extension() == ".eml" ? 1 : 0;
    }
    EXPECT_EQ(mails, testing::mail_cases().size());
    EXPECT_GE(mails, 35U);
}

TEST(MailCases, SubjectsAndTextsAreAsTheirReaderSeesThem) {
    for (const auto& each : testing::mail_cases()) {
        const std::string mail = testing::case_content(each.file);
        if (!each.subject.empty()) EXPECT_EQ(read_traits(mail).subject, each.subject) << each.file;
        for (const auto& words : each.words) {
            EXPECT_THAT(mail_text(mail), ::testing::HasSubstr(words)) << each.file;
        }
    }
}

}  // namespace
}  // namespace ie
