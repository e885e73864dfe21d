// ie-cli logs, run as it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "messages/json.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;

// Log files and the settings that name their folder.
class Logs : public ::testing::Test {
  protected:
    Logs() {
        settings_.write("ie.toml", "[log]\ndir = \"" + logs_.path() + "\"\n");
        options_.environment["IE_CONFIG"] = settings_.path("ie.toml");
    }

    void append(const std::string& name, const std::string& text) {
        std::ofstream(logs_.path(name), std::ios::app | std::ios::binary) << text;
    }

    result logs(std::vector<std::string> flags = {}) {
        flags.insert(flags.begin(), {"ie-cli", "logs"});
        return run(flags, options_);
    }

    temporary_folder logs_;
    temporary_folder settings_;
    start_options options_;
};

const std::string first = "2026-11-22T07:53:01.000Z info intake mail_judged mail=1\n";
const std::string second = "2026-11-22T07:53:02.000Z warn hook engine_absent policy=accept\n";
const std::string third = "2026-11-22T07:53:03.000Z error courier release_failed mail=1 why=x\n";

TEST_F(Logs, MergesTheFilesByTime) {
    append("engine.log", first + third);
    append("hook.log", second);
    EXPECT_EQ(logs().output, first + second + third);
    EXPECT_EQ(logs({"-n", "2"}).output, second + third);
    EXPECT_EQ(logs({"-n", "0"}).output, "");
    EXPECT_EQ(logs({"--actor", "hook"}).output, second);
    EXPECT_EQ(logs({"--level", "warn"}).output, second + third);
}

TEST_F(Logs, PrintsAHundredLinesUnlessToldOtherwise) {
    std::string text;
    for (int i = 0; i < 250; ++i) text += first;
    append("engine.log", text);
    EXPECT_EQ(logs().output.size(), 100 * first.size());
}

TEST_F(Logs, AreOneDocumentInJson) {
    append("engine.log", first + third);
    const auto document = json::parse(logs({"--json"}).output);
    ASSERT_EQ(document["items"].size(), 2U);
    EXPECT_EQ(document["items"][1]["actor"], "courier");
    EXPECT_EQ(document["items"][1]["keys"], "mail=1 why=x");
}

TEST_F(Logs, LetATerminalObeyNothing) {
    append("engine.log", "2026-11-22T07:53:01.000Z info intake x a\x1b[2Jb\nmore\x07\n");
    EXPECT_EQ(logs().output, "2026-11-22T07:53:01.000Z info intake x a\\x1b[2Jb\nmore\\x07\n");
}

TEST_F(Logs, AreFollowedAcrossLogrotate) {
    append("engine.log", first);
    process follower({"ie-cli", "logs", "-f"}, options_);
    ASSERT_TRUE(follower.says(first));
    append("engine.log", second);
    ASSERT_TRUE(follower.says(second));
    std::filesystem::rename(logs_.path("engine.log"), logs_.path("engine.log.1"));
    append("engine.log", third);
    ASSERT_TRUE(follower.says(third));
    append("hook.log", "2026-11-22T07:53:09.000Z info hook started\n");
    EXPECT_TRUE(follower.says("info hook started\n"));
}

TEST_F(Logs, AreALineEachInJsonWhileTheyAreFollowed) {
    append("engine.log", first);
    process follower({"ie-cli", "logs", "-f", "--json"}, options_);
    EXPECT_TRUE(
        follower.says("{\"time\":\"2026-11-22T07:53:01.000Z\",\"level\":\"info\","
                      "\"actor\":\"intake\",\"event\":\"mail_judged\",\"keys\":\"mail=1\"}\n"));
}

TEST_F(Logs, ThatAreNotThereAreAClearError) {
    const auto none = logs();
    EXPECT_EQ(none.exit_code, 1);
    EXPECT_THAT(none.errors, HasSubstr(logs_.path() + ": no log files"));
    std::filesystem::remove(logs_.path());
    const auto gone = logs();
    EXPECT_EQ(gone.exit_code, 1);
    EXPECT_THAT(gone.errors,
                HasSubstr(logs_.path() + ": No such file or directory; see [log] dir"));
}

TEST_F(Logs, ThatMayNotBeReadGiveExitCodeFour) {
    append("engine.log", first);
    ASSERT_EQ(::chmod(logs_.path("engine.log").c_str(), 0600), 0);
    const auto refused = run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                              IE_BIN_DIR "/ie-cli", "logs"},
                             options_);
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_THAT(refused.errors, HasSubstr("engine.log: Permission denied"));
    EXPECT_THAT(refused.errors, HasSubstr("run it as root"));
}

}  // namespace
}  // namespace ie::testing
