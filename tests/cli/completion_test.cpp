// The completion scripts, run in the shells they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/cli/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

using words = std::vector<std::string>;

words lines_of(const std::string& text) {
    words out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    std::sort(out.begin(), out.end());
    return out;
}

class Completion : public ::testing::Test {
  protected:
    std::string script(const std::string& shell) {
        return folder_.write(shell, run({"ie-cli", "completion", shell}).output);
    }

    // What each shell offers for the last of these words.
    words bash(const words& line) {
        std::string set = "COMP_WORDS=(";
        for (const auto& word : line) set += "'" + word + "' ";
        const auto done = run({"bash", "--norc", "-c",
                               "source " + script("bash") + "; " + set + ");" +
                                   "COMP_CWORD=" + std::to_string(line.size() - 1) +
                                   "; _ie_cli; for each in \"${COMPREPLY[@]}\"; do echo \"$each\"; "
                                   "done"});
        EXPECT_EQ(done.errors, "");
        return lines_of(done.output);
    }

    words zsh(const words& line) {
        std::string set = "words=(";
        for (const auto& word : line) set += "'" + word + "' ";
        const auto done =
            run({"zsh", "-f", "-c",
                 "compdef() {}; _files() {}; _describe() { print -rl -- ${(P)2%%:*} }; source " +
                     script("zsh") + "; " + set + "); CURRENT=" + std::to_string(line.size()) +
                     "; _ie_cli"});
        EXPECT_EQ(done.errors, "");
        return lines_of(done.output);
    }

    words fish(const std::string& line) {
        const auto done = run(
            {"fish", "--no-config", "-c",
             "source " + script("fish") + "; complete -C '" + line + "' | string split -f1 \\t"});
        EXPECT_EQ(done.errors, "");
        return lines_of(done.output);
    }

    temporary_folder folder_;
};

TEST_F(Completion, OfBashOffersCommandsFlagsAndValues) {
    EXPECT_THAT(bash({"ie-cli", "em"}), ElementsAre("emails"));
    EXPECT_THAT(bash({"ie-cli", "emails", "re"}), ElementsAre("release", "remove"));
    EXPECT_THAT(bash({"ie-cli", "emails", "list", "--"}),
                IsSupersetOf({"--limit", "--offset", "--since", "--account", "--endpoint"}));
    EXPECT_THAT(bash({"ie-cli", "emails", "list", "--reason", ""}),
                ElementsAre("ratelimit", "spam", "winexec"));
    EXPECT_THAT(bash({"ie-cli", "logs", "--level", "e"}), ElementsAre("error"));
    EXPECT_THAT(bash({"ie-cli", "completion", ""}), IsSupersetOf({"bash", "fish", "zsh"}));
    EXPECT_THAT(bash({"ie-cli", "emails", "list", "--sender", ""}), IsEmpty());
}

TEST_F(Completion, KnowsTheValuesThatADescriptionLists) {
    EXPECT_THAT(bash({"ie-cli", "am", "limit", "set", "--so-type", ""}),
                ElementsAre("account", "domain", "script", "sender_email"));
    EXPECT_THAT(zsh({"ie-cli", "am", "limit", "remove", "--so-type", ""}),
                ElementsAre("account", "domain", "script", "sender_email"));
    EXPECT_THAT(fish("ie-cli am limit set --so-type "),
                ElementsAre("account", "domain", "script", "sender_email"));
}

TEST_F(Completion, OffersWhatMayFollowACommandThatRunsItself) {
    const auto expected = IsSupersetOf(
        {"set", "--spam", "--winexec", "--ratelimit", "--spam-threshold", "--notify-header"});
    EXPECT_THAT(bash({"ie-cli", "filter-settings", ""}), expected);
    EXPECT_THAT(zsh({"ie-cli", "filter-settings", ""}), expected);
    EXPECT_THAT(fish("ie-cli filter-settings set --dry"), IsEmpty());
    EXPECT_THAT(bash({"ie-cli", "am", "server-settings", "set", "--dry-run", ""}),
                ElementsAre("off", "on"));
    EXPECT_THAT(bash({"ie-cli", "whitelist", "sender", ""}),
                IsSupersetOf({"add", "delete", "list", "remove"}));
}

TEST_F(Completion, KnowsEachNameOfAFlag) {
    EXPECT_THAT(bash({"ie-cli", "accounts", "edit", "--state", ""}),
                ElementsAre("active", "block"));
    EXPECT_THAT(bash({"ie-cli", "accounts", "list", "--name", ""}), IsEmpty());
    EXPECT_THAT(zsh({"ie-cli", "quarantine-defaults", ""}), IsSupersetOf({"edit", "list", "set"}));
    EXPECT_THAT(fish("ie-cli accounts "), IsSupersetOf({"edit", "list", "remove"}));
}

TEST_F(Completion, OfBashIsNotMisledByValues) {
    EXPECT_THAT(bash({"ie-cli", "--timeout", "5", "emails", "-a", "root", "show", "--r"}),
                ElementsAre("--raw"));
}

TEST_F(Completion, GoesOnBehindAFlagThatTakesNoValue) {
    EXPECT_THAT(bash({"ie-cli", "--json", "em"}), ElementsAre("emails"));
    EXPECT_THAT(bash({"ie-cli", "emails", "release", "--all-matching", "--he"}),
                IsSupersetOf({"--held-for", "--help"}));
    EXPECT_THAT(zsh({"ie-cli", "emails", "list", "--json", ""}), Contains("--offset"));
    EXPECT_THAT(fish("ie-cli --json em"), ElementsAre("emails"));
}

TEST_F(Completion, OfZshOffersCommandsFlagsAndValues) {
    EXPECT_THAT(zsh({"ie-cli", ""}), IsSupersetOf({"emails", "status", "--json"}));
    EXPECT_THAT(zsh({"ie-cli", "emails", ""}), IsSupersetOf({"list", "release", "remove", "show"}));
    EXPECT_THAT(zsh({"ie-cli", "emails", "list", "--reason", ""}),
                ElementsAre("ratelimit", "spam", "winexec"));
    EXPECT_THAT(zsh({"ie-cli", "emails", "list", "-a", "x", ""}), Contains("--offset"));
}

TEST_F(Completion, OfFishOffersCommandsFlagsAndValues) {
    EXPECT_THAT(fish("ie-cli em"), ElementsAre("emails"));
    EXPECT_THAT(fish("ie-cli emails re"), ElementsAre("release", "remove"));
    EXPECT_THAT(fish("ie-cli emails list --off"), ElementsAre("--offset"));
    EXPECT_THAT(fish("ie-cli emails list --reason "), ElementsAre("ratelimit", "spam", "winexec"));
    EXPECT_THAT(fish("ie-cli logs --o"), Not(Contains("--offset")));
}

TEST_F(Completion, ScriptsAreWellFormed) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto checked = run({shell, "-n", script(shell)});
        EXPECT_EQ(checked.exit_code, 0) << shell;
        EXPECT_EQ(checked.errors, "") << shell;
    }
}

}  // namespace
}  // namespace ie::testing
