// What of small odd mails Windows would run.
#include <gtest/gtest.h>

#include "tests/support/attachment_rules.hpp"
#include "tests/support/mail_cases.hpp"

namespace ie {
namespace {

TEST(AttachmentCases, AreJudgedAsTheirReadersClientWouldOpenThem) {
    size_t asked = 0;
    for (const auto& each : testing::mail_cases()) {
        if (each.dangerous == "-") continue;
        ++asked;
        const std::string mail = testing::case_content(each.file);
        const bool found = may_have_attachments(mail) && testing::scan_in_peace(mail).is_dangerous;
        EXPECT_EQ(found ? "yes" : "no", each.dangerous) << each.file;
    }
    EXPECT_GE(asked, 20U);
}

}  // namespace
}  // namespace ie
