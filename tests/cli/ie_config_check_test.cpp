#include <gmock/gmock.h>
#include <grp.h>

#include "messages/json.hpp"
#include "tests/cli/ie_config_fixture.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(IeConfig, CheckFindsNothingWrongWithAGoodMachine) {
    const auto done = config("check");
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.output, Not(HasSubstr("problem")));
    EXPECT_THAT(done.output, HasSubstr("exim            ok       Exim version 4."));
    EXPECT_THAT(done.output, HasSubstr("userdomains, 2 domains of 2 accounts\n"));
}

// An engine that checks its store in these parts, one after the other.
fake_engine::answerer store_of(std::vector<store_checked> parts) {
    return [parts](const parcel& request) -> std::optional<parcel> {
        const auto asked = decode<check_store>(request.body)->position;
        if (asked >= parts.size()) return reply(request, fail(error_code::internal, "beyond"));
        return reply(request, parts[asked]);
    };
}

TEST_F(IeConfig, CheckKnowsWhetherThereIsSuchAContentScanner) {
    EXPECT_THAT(config("check", {{"hook.scanner_user", "nobody"}}).output,
                HasSubstr("scanner user    ok       nobody\n"));
    const auto done = config("check", {{"hook.scanner_user", "amavsi"}});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("scanner user    problem:  there is no user amavsi; set"));
}

// The root of a server image that has no cPanel is not this server.
TEST_F(IeConfig, EnablesAndDisablesNothingHereThatIsSaidOfAnotherFolder) {
    for (const char* command : {"enable", "disable"}) {
        const auto done = run({"ie-config", command, "--config", settings(), "--root", path("")});
        EXPECT_EQ(done.exit_code, 1);
        EXPECT_THAT(done.errors, HasSubstr("has no cPanel in it"));
    }
}

TEST_F(IeConfig, CheckSaysThatHeldMailIsSkippedWhileNoEngineRuns) {
    const auto done = config("check");
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.output, HasSubstr("held mail       skipped  the engine doesn't serve: "));
    EXPECT_THAT(done.output, HasSubstr("see 'systemctl status ie-engine'"));
    const auto document = json::parse(config("check", {}, true).output);
    EXPECT_EQ(document["success"], true);
    EXPECT_EQ(document["items"].back()["ok"], nullptr);
}

TEST_F(IeConfig, CheckLooksAtEachPartOfTheStore) {
    fake_engine engine(store_of({{1, 3, 0, {}}, {2, 3, 40, {}}, {3, 3, 2, {}}}));
    const auto done = config("check", {{"engine.endpoint", engine.endpoint()}});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_THAT(done.output, HasSubstr("held mail       ok  42 mails, each whole and known\n"));
    EXPECT_EQ(engine.seen<check_store>().size(), 3U);
}

TEST_F(IeConfig, CheckHasALineForEachProblemOfTheStore) {
    fake_engine engine(store_of({{1, 2, 0, {"quarantine.db: a; do b"}},
                                 {2, 2, 40, {"mail 1: no file; c", std::string("x") + evil}}}));
    const auto done = config("check", {{"engine.endpoint", engine.endpoint()}});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("held mail       problem:  quarantine.db: a; do b\n"));
    EXPECT_THAT(done.output, HasSubstr("held mail       problem:  mail 1: no file; c\n"));
    EXPECT_THAT(done.output, HasSubstr("held mail       problem:  x\\x1b]0;owned"));
}

TEST_F(IeConfig, CheckSaysThatThereMayBeMoreProblems) {
    const std::vector<std::string> many(store_checked::problems_max, "one");
    fake_engine engine(store_of({{1, 1, 0, many}}));
    EXPECT_THAT(config("check", {{"engine.endpoint", engine.endpoint()}}).output,
                HasSubstr("and perhaps more of the kind"));
}

TEST_F(IeConfig, CheckShowsOnATerminalHowFarItIs) {
    fake_engine engine(store_of({{1, 2, 40, {}}, {2, 2, 2, {}}}));
    start_options options;
    options.errors = stream::terminal;
    const auto done =
        run({"ie-config", "check", "--config", settings({{"engine.endpoint", engine.endpoint()}})},
            options);
    EXPECT_THAT(done.errors, HasSubstr("held mail: 50 %, 40 mails"));
}

TEST_F(IeConfig, CheckFailsWhereTheStoreCannotBeChecked) {
    fake_engine refusing(refuse_all(error_code::not_permitted, "only root may check the store"));
    const auto refused = config("check", {{"engine.endpoint", refusing.endpoint()}});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.output, HasSubstr("not checked: not_permitted: only root"));
    fake_engine stuck(store_of({{0, 2, 0, {}}}));
    EXPECT_THAT(config("check", {{"engine.endpoint", stuck.endpoint()}}).output,
                HasSubstr("the engine got no further"));
}

TEST_F(IeConfig, CheckNamesTheLineOfAnUnknownKey) {
    const auto done =
        run({"ie-config", "check", "--config",
             folder_.write("bad.toml", "[hook]\nuser = \"x\"\nfail_opne = \"defer\"\n")});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("problem:"));
    EXPECT_THAT(done.output, HasSubstr("bad.toml:3: hook.fail_opne"));
}

TEST_F(IeConfig, CheckSaysThatThereIsNoSettingsFile) {
    const auto done = run({"ie-config", "check", "--config", "/nonexistent/ie.toml"});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("/nonexistent/ie.toml: No such file or directory"));
}

struct fault {
    std::string key;
    std::string value;
    std::string told;
};

TEST_F(IeConfig, CheckNamesWhatIsWrongAndWhatToDo) {
    folder_.write("map", "alice.test: alice\nbob.test\n");
    folder_.write("file", "");
    std::filesystem::create_directory(path("open"));
    ::chmod(path("open").c_str(), 0755);
    const std::string none = path("none");
    const std::vector<fault> faults{
        {"engine.data_dir", none, none + ": No such file or directory; create it"},
        {"engine.data_dir", path("file"), "file isn't a folder"},
        {"engine.data_dir", path("open"), "is open to every user; chmod o= "},
        {"engine.endpoint", "ipc://" + none + "/x.sock", none + ": No such file or directory"},
        {"engine.endpoint", "ipc://" + path(std::string(100, 'x')), "longer than 107 characters"},
        {"engine.endpoint", "udp://x", "udp://x isn't of the form"},
        {"log.dir", none, "log folder"},
        {"accounts.domain_map", none, none + ": No such file or directory; set accounts"},
        {"accounts.domain_map", path("map"), "map: line 2: expected `domain: user`"},
        {"courier.exim", none, none + " -bV: No such file or directory; set courier.exim"},
        {"courier.exim", "/bin/true", "/bin/true isn't Exim"},
        {"courier.socket", none + "/x", "release socket"},
        {"courier.exim", "/bin/false", "/bin/false -bV: it ended with 1"},
        {"hook.user", "nobody-of-that-name", "there is no user nobody-of-that-name; set hook.user"},
        {"hook.judge_socket", none + "/x", "judge socket"},
        {"hook.lmtp_socket", none + "/x", "lmtp socket"},
        {"hook.spool_dir", none, none + "/input: No such file or directory; set hook.spool_dir"},
    };
    for (const auto& each : faults) {
        const auto done = config("check", {{each.key, each.value}});
        EXPECT_EQ(done.exit_code, 1) << each.key << " " << each.value;
        EXPECT_THAT(done.output, HasSubstr("problem:"));
        EXPECT_THAT(done.output, HasSubstr(each.told));
    }
}

TEST_F(IeConfig, CheckSeesThatTheHookCannotReadTheSpool) {
    ::chmod(path("spool/input").c_str(), 0700);
    const auto done = config("check");
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("Debian-exim can't read " + path("spool/input")));
}

TEST_F(IeConfig, CheckLooksWhoMayEnterTheFolderOfTheTrustedSocket) {
    const std::string folder = path("trusted");
    const auto with = [&](const std::string& endpoint) {
        return config("check", {{"engine.trusted_endpoint", endpoint}});
    };
    const std::string endpoint = "ipc://" + folder + "/engine.sock";
    std::filesystem::create_directory(folder);
    ::chmod(path("").c_str(), 0755);
    ASSERT_EQ(::chown(folder.c_str(), 0, getgrnam("Debian-exim")->gr_gid), 0);
    ::chmod(folder.c_str(), 0750);
    auto done = with(endpoint);
    EXPECT_EQ(done.exit_code, 0) << done.output;
    ::chmod(folder.c_str(), 0751);
    done = with(endpoint);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("others may enter " + folder));
    EXPECT_THAT(done.output, HasSubstr("; chmod o= " + folder));
    ::chmod(folder.c_str(), 0700);
    done = with(endpoint);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("Debian-exim may not enter " + folder + "; give"));
    done = with("tcp://127.0.0.1:1");
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("tcp://127.0.0.1:1 isn't of the form ipc:///PATH; set "
                                       "engine.trusted_endpoint"));
}

TEST_F(IeConfig, CheckLooksAtTheKeyOfATcpEndpoint) {
    const auto key = folder_.write("key", "x");
    ::chmod(key.c_str(), 0644);
    const std::map<std::string, std::string> tcp{{"gateway.tcp_endpoint", "tcp://127.0.0.1:9999"}};
    EXPECT_THAT(config("check", tcp).output, HasSubstr("without tcp_secret_key_file"));
    auto with_key = tcp;
    with_key["gateway.tcp_secret_key_file"] = key;
    EXPECT_THAT(config("check", with_key).output, HasSubstr("chmod 600 " + key));
    ::chmod(key.c_str(), 0600);
    EXPECT_EQ(config("check", with_key).exit_code, 0);
}

}  // namespace
}  // namespace ie::testing
