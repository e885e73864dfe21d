#include "gateway/doors/refusals.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

TEST(Refusals, AreLoggedAFewASecondAndThenCounted) {
    const testing::temporary_folder folder;
    ASSERT_TRUE(open_log(folder.path("log"), log_level::info));
    refusals notes;
    const refusals::request request{"list_mails", {}};
    const error why = fail(error_code::not_permitted, "no\x1b[2J");
    for (int i = 0; i < 1'000; ++i) notes.note(request, why, 5'000);
    notes.note(request, why, 6'000);
    ASSERT_TRUE(open_log("", log_level::info));

    const auto lines = lines_of(folder.path("log"));
    ASSERT_EQ(lines.size(), refusals::lines_a_second_max + 1);
    EXPECT_NE(lines[0].find("warn gateway request_denied request=list_mails role=stranger uid=0 "
                            "key=\"\" code=not_permitted reason=\"no\\x1b[2J\" unwritten=0"),
              std::string::npos)
        << lines[0];
    EXPECT_NE(lines.back().find("unwritten=990"), std::string::npos) << lines.back();
}

TEST(Refusals, ABusyCallerIsItsOwnEvent) {
    const testing::temporary_folder folder;
    ASSERT_TRUE(open_log(folder.path("log"), log_level::info));
    refusals().note({"judge_mail", {}}, fail(error_code::busy, "2 mails are in flight"), 5'000);
    ASSERT_TRUE(open_log("", log_level::info));
    const auto lines = lines_of(folder.path("log"));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("warn gateway caller_busy"), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace ie
