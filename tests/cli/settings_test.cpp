// What `ie-cli filter-settings`, `am server-settings` and `quarantine-defaults` ask the engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/canned.hpp"

namespace ie::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using words = std::vector<std::string>;

// What this command line changes; it has to be one request, or one question and no change.
std::vector<setting> changes_by(words command) {
    fake_engine engine(scenario("seed"));
    command.insert(command.begin(), "ie-cli");
    const auto done = run(command, talking_to(engine));
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    const auto changes = engine.seen<change_settings>();
    EXPECT_EQ(changes.size() + engine.seen<get_settings>().size(), 1U);
    return changes.empty() ? std::vector<setting>{} : changes.front().changes;
}

TEST(FilterSettings, AreOnlyLookedAtWithoutFlags) {
    EXPECT_THAT(changes_by({"filter-settings"}), IsEmpty());
    EXPECT_THAT(changes_by({"filter-settings", "set"}), IsEmpty());
}

TEST(FilterSettings, AreChangedByEachFlag) {
    const words flags{"--winexec",        "on",  "--spam",          "off", "--ratelimit", "on",
                      "--spam-threshold", "5.5", "--notify-header", "off"};
    for (words command : {words{"filter-settings"}, words{"filter-settings", "set"}}) {
        command.insert(command.end(), flags.begin(), flags.end());
        EXPECT_THAT(changes_by(command),
                    ElementsAre(setting{"notify_header", "off"}, setting{"ratelimit", "on"},
                                setting{"spam", "off"}, setting{"spam_threshold", "5.5"},
                                setting{"winexec", "on"}));
    }
}

TEST(FilterSettings, MayBeNamedBeforeAndBehindSet) {
    EXPECT_THAT(changes_by({"filter-settings", "--spam=off", "set", "--winexec=true"}),
                ElementsAre(setting{"spam", "off"}, setting{"winexec", "on"}));
}

TEST(FilterSettings, TakeTheLastValueOfAFlag) {
    EXPECT_THAT(changes_by({"filter-settings", "--spam=off", "--spam=on"}),
                ElementsAre(setting{"spam", "on"}));
}

TEST(QuarantineDefaults, AreOnlyLookedAtByList) {
    EXPECT_THAT(changes_by({"quarantine-defaults", "list"}), IsEmpty());
}

TEST(QuarantineDefaults, AreChangedByEachFlagInMegabytes) {
    for (const char* command : {"set", "edit"}) {
        EXPECT_THAT(changes_by({"quarantine-defaults", command, "-r", "0", "-s", "8796093022207"}),
                    ElementsAre(setting{"quarantine_limit_bytes", "9223372036853727232"},
                                setting{"quarantine_releases_limit", "0"}));
    }
    EXPECT_THAT(changes_by({"quarantine-defaults", "set", "--storage-capacity=1"}),
                ElementsAre(setting{"quarantine_limit_bytes", "1048576"}));
}

TEST(QuarantineDefaults, AreTheBuiltInOnesByMinusOne) {
    EXPECT_THAT(changes_by({"quarantine-defaults", "set", "--storage-capacity", "-1", "-r", "-1"}),
                ElementsAre(setting{"quarantine_limit_bytes", "-1"},
                            setting{"quarantine_releases_limit", "-1"}));
}

TEST(ServerSettings, AreOnlyLookedAtWithoutFlags) {
    EXPECT_THAT(changes_by({"am", "server-settings"}), IsEmpty());
    EXPECT_THAT(changes_by({"am", "server-settings", "set"}), IsEmpty());
}

TEST(ServerSettings, AreChangedByEachFlag) {
    EXPECT_THAT(
        changes_by({"am", "server-settings", "set", "--account", "1", "--domain", "2", "--script",
                    "3", "--sender-email", "4294967295", "--limit-mode", "2", "--dry-run", "on"}),
        ElementsAre(setting{"dry_run", "on"}, setting{"limit_account", "1"},
                    setting{"limit_domain", "2"}, setting{"limit_mode", "2"},
                    setting{"limit_script", "3"}, setting{"limit_sender_email", "4294967295"}));
}

TEST(ServerSettings, AreLeftAsTheyAreByMinusOne) {
    EXPECT_THAT(changes_by({"am", "server-settings", "set", "--account", "-1", "--domain=-1",
                            "--script", "-1", "--sender-email", "-1", "--limit-mode", "-1"}),
                IsEmpty());
    EXPECT_THAT(changes_by({"am", "server-settings", "set", "--account", "0", "--domain", "-1"}),
                ElementsAre(setting{"limit_account", "0"}));
}

}  // namespace
}  // namespace ie::testing
