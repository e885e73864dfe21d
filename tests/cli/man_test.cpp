// The manual pages: well-formed, and naming every command and flag that the programs have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/cli/program.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;

const std::string man_folder = IE_SOURCE_DIR "/cli/man/";

TEST(Man, PagesAreCleanMdoc) {
    for (const char* page :
         {"ie-cli.1", "ie-config.1", "ie-engine.8", "ie-exim-hook.8", "ie-release.8"}) {
        const auto lint = run({"mandoc", "-T", "lint", "-W", "warning", man_folder + page});
        EXPECT_EQ(lint.exit_code, 0) << page;
        EXPECT_EQ(lint.output, "") << page;
    }
}

// Without what makes letters bold: each printed, stepped back over and printed again.
std::string rendered(const std::string& page) {
    const auto shown = run({"mandoc", "-T", "ascii", "-O", "width=300", man_folder + page});
    EXPECT_EQ(shown.exit_code, 0) << page;
    return std::regex_replace(shown.output, std::regex(".\b"), "");
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex shape(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), shape), end; at != end; ++at) {
        found.push_back((*at)[1]);
    }
    return found;
}

// Of a command and all below it.
void expect_documented(const std::string& page, const std::string& manual,
                       std::vector<std::string> command) {
    std::string name;
    for (const auto& word : command) name += (name.empty() ? "" : " ") + word;
    auto line = command;
    line.push_back("--help-all");
    const std::string help = run(line).output;
    for (const auto& flag : matches(help, "\n  [^\n]*?(--[a-z-]+)")) {
        EXPECT_THAT(manual, HasSubstr(flag)) << name << " in " << page;
    }
    const size_t commands = help.find("Available Commands:\n");
    if (commands == help.npos) return;
    const size_t flags = help.find("\nFlags:");
    for (const auto& below : matches(help.substr(commands, flags - commands), "\n  ([a-z-]+) ")) {
        EXPECT_THAT(manual, HasSubstr(below)) << name << " in " << page;
        auto deeper = command;
        deeper.push_back(below);
        expect_documented(page, manual, deeper);
    }
}

TEST(Man, PagesNameEveryCommandAndFlag) {
    expect_documented("ie-cli.1", rendered("ie-cli.1"), {"ie-cli"});
    expect_documented("ie-config.1", rendered("ie-config.1"), {"ie-config"});
}

}  // namespace
}  // namespace ie::testing
