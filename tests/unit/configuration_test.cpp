#include "config/configuration.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

std::string refusal(std::string_view text) {
    const auto parsed = parse_settings(text, "ie.toml");
    return parsed ? "accepted" : parsed.failure().what;
}

TEST(SettingsFile, AnEmptyFileMeansTheDefaults) {
    const auto parsed = parse_settings("", "ie.toml");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->engine.endpoint, "ipc:///run/imunifyemail/engine.sock");
    EXPECT_EQ(parsed->hook.fail_open, fail_policy::accept);
    EXPECT_DOUBLE_EQ(parsed->filter.spam_threshold, 6.0);
}

TEST(SettingsFile, TakesWhatIsSet) {
    const auto parsed = parse_settings(
        "[hook]\nfail_open = \"defer\"\njudge_timeout_ms = 700\n[filter]\nspam_threshold = 7\n",
        "ie.toml");
    ASSERT_TRUE(parsed) << parsed.failure().what;
    EXPECT_EQ(parsed->hook.fail_open, fail_policy::defer);
    EXPECT_EQ(parsed->hook.judge_timeout_ms, 700U);
    EXPECT_DOUBLE_EQ(parsed->filter.spam_threshold, 7.0);
}

TEST(SettingsFile, TheHookAndRootHaveADoorOfTheirOwnUnlessAnOldFileMovedTheOnlyOne) {
    const auto door = [](std::string_view text) {
        return parse_settings(text, "ie.toml")->engine.endpoint_of_trusted();
    };
    EXPECT_EQ(door(""), "ipc:///run/imunifyemail/trusted/engine.sock");
    EXPECT_EQ(door("[engine]\nendpoint = \"ipc:///srv/e.sock\""), "ipc:///srv/e.sock");
    EXPECT_EQ(door("[engine]\nendpoint = \"ipc:///srv/e.sock\"\n"
                   "trusted_endpoint = \"ipc:///srv/t/e.sock\""),
              "ipc:///srv/t/e.sock");
}

TEST(SettingsFile, NamesLineAndKeyOfWhatIsWrong) {
    EXPECT_EQ(refusal("[hook]\nfail_open = \"maybe\""),
              "ie.toml:2: hook.fail_open: must be \"accept\" or \"defer\"");
    EXPECT_EQ(refusal("\n\n[hook]\njudge_timeout_ms = -1"),
              "ie.toml:4: hook.judge_timeout_ms: must be a whole number from 1 to 600000");
    EXPECT_EQ(refusal("[engine]\nendpoint = 7"),
              "ie.toml:2: engine.endpoint: must be a text in quotes");
    EXPECT_EQ(refusal("[log]\nlevel = \"info\"\nlevle = \"info\""),
              "ie.toml:3: log.levle: is not known here; known are dir, level");
    EXPECT_EQ(refusal("[filter]\nspam_threshold = nan"),
              "ie.toml:2: filter.spam_threshold: must be a number");
    EXPECT_EQ(refusal("[hok]\n"), "ie.toml:1: hok: is not known");
    EXPECT_EQ(refusal("hook = 1\n"), "ie.toml:1: hook: is a table: write [hook]");
}

TEST(SettingsFile, TheInstalledFileShowsEveryDefault) {
    std::ifstream in(IE_SOURCE_DIR "/config/imunifyemail.toml");
    std::string uncommented;
    size_t key_count = 0;
    for (std::string line; std::getline(in, line);) {
        const bool is_key = line.starts_with('#') && line.size() > 1 && line[1] != ' ';
        key_count += is_key && line.find(" = ") != std::string::npos ? 1 : 0;
        uncommented += (is_key ? line.substr(1) : line) + "\n";
    }
    EXPECT_EQ(key_count, 60U);
    const auto parsed = parse_settings(uncommented, "imunifyemail.toml");
    ASSERT_TRUE(parsed) << parsed.failure().what;
    EXPECT_EQ(*parsed, configuration{});
}

TEST(SettingsFile, CpanelNeedsADomainMapAndPasswdDoesWithout) {
    EXPECT_EQ(refusal("[accounts]\ndomain_map = \"\""),
              "ie.toml:1: accounts.domain_map: provider \"cpanel\" needs one; provider \"passwd\" "
              "does without");
    EXPECT_EQ(refusal("[accounts]\nprovider = \"passwd\"\ndomain_map = \"\""), "accepted");
    EXPECT_EQ(refusal("[accounts]\nprovider = \"plesk\""),
              "ie.toml:2: accounts.provider: must be \"cpanel\" or \"passwd\"");
}

TEST(SettingsFile, AHomeBaseIsAnAbsolutePathOrNone) {
    EXPECT_EQ(refusal("[accounts]\nhome_base = \"\""), "accepted");
    EXPECT_EQ(refusal("[accounts]\nhome_base = \"home\""),
              "ie.toml:1: accounts.home_base: must be an absolute path, or \"\" for any home");
}

TEST(SettingsFile, AJunkFolderIsANameThatAPathMayHave) {
    const auto folder = [](const std::string& name) {
        return refusal("[incoming]\njunk_folder = \"" + name + "\"");
    };
    for (const auto* name : {"Junk", "INBOX.spam", "Spam_2-x"}) EXPECT_EQ(folder(name), "accepted");
    EXPECT_EQ(folder(std::string(100, 'x')), "accepted");
    for (const std::string& name : {std::string(), std::string(101, 'x'), std::string(".Junk"),
                                    std::string("Junk."), std::string("a/b"), std::string("a b"),
                                    std::string("$tod_log"), std::string("J\xc3\xbcnk")}) {
        EXPECT_TRUE(folder(name).find("incoming.junk_folder: must be 1 to 100 letters") !=
                    std::string::npos)
            << name;
    }
}

TEST(SettingsFile, AMailboxIsOneLineOfExims) {
    const auto mailbox = [](const std::string& text) {
        return refusal("[incoming]\nmailbox = '''" + text + "'''");
    };
    EXPECT_EQ(mailbox(""), "accepted");
    EXPECT_EQ(mailbox("${lookup{$local_part}lsearch{/srv/boxes}{$value}fail}"), "accepted");
    for (const std::string& text :
         {std::string("uid=1\\"), std::string("uid=1\nlog_selector = +all"),
          std::string(4097, 'x')}) {
        EXPECT_TRUE(mailbox(text).find("incoming.mailbox: must be one line") != std::string::npos)
            << text;
    }
}

TEST(SettingsFile, EximsUserIsWhoOwnsItsSpool) {
    const testing::temporary_folder machine;
    EXPECT_EQ(machine_defaults(machine.path("")), configuration{});
    std::filesystem::create_directories(machine.path("var/spool/exim"));
    ASSERT_EQ(::chown(machine.path("var/spool/exim").c_str(), 65534, 65534), 0);
    configuration redhat;
    redhat.hook.user = "nobody";
    redhat.hook.spool_dir = "/var/spool/exim";
    redhat.courier.exim = "/usr/sbin/exim";
    EXPECT_EQ(machine_defaults(machine.path("")), redhat);
    std::filesystem::create_directories(machine.path("var/spool/exim4"));
    EXPECT_EQ(machine_defaults(machine.path("")), configuration{});
}

TEST(SettingsFile, NamesTheLineThatIsNotToml) {
    EXPECT_EQ(refusal("[hook]\nfail_open\n").substr(0, 10), "ie.toml:2:");
}

TEST(SettingsFile, SaysWhichFileIsMissing) {
    const auto loaded = load_settings("/nonexistent/ie.toml");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.failure().code, error_code::not_found);
    EXPECT_EQ(loaded.failure().what, "/nonexistent/ie.toml: No such file or directory");
}

// ie-cli then looks for the engine where it usually is.
TEST(SettingsFile, IsNoneForWhoMayNotReadIt) {
    constexpr uid_t nobody = 65534;
    const testing::temporary_folder folder;
    const std::string path = folder.write("ie.toml", "[hook]\n");
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    ASSERT_EQ(::seteuid(nobody), 0) << "run as root";
    const auto loaded = load_settings(path);
    ASSERT_EQ(::seteuid(0), 0);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.failure().code, error_code::not_found);
    EXPECT_EQ(loaded.failure().what, path + ": Permission denied");
}

TEST(SettingsFile, IsAFileOfABoundedSize) {
    const testing::temporary_folder folder;
    const auto of_folder = load_settings(folder.path());
    ASSERT_FALSE(of_folder);
    EXPECT_EQ(of_folder.failure().code, error_code::conflict);
    const auto large = load_settings(folder.write("ie.toml", std::string(2 << 20, '#')));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.failure().code, error_code::too_large);
}

}  // namespace
}  // namespace ie
