#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "messages/json.hpp"
#include "tests/cli/canned.hpp"
#include "tests/cli/program.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Greets whoever connects with one text, or with nothing at all.
class greeter {
  public:
    explicit greeter(int listening, std::string text)
        : listening_(listening), text_(std::move(text)) {
        ::listen(listening_, 8);
        thread_ = std::thread([this] { serve(); });
    }
    ~greeter() {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
    }

    static int unix_socket(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, path.size());
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << path;
        return fd;
    }

  private:
    void serve() {
        std::vector<int> open;
        for (int fd = 0; (fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
            // Who only knocks may be gone before the greeting.
            if (!text_.empty()) (void)::send(fd, text_.data(), text_.size(), MSG_NOSIGNAL);
            open.push_back(fd);
        }
        for (const int fd : open) ::close(fd);
    }

    int listening_;
    std::string text_;
    std::thread thread_;
};

engine_status all_running() {
    engine_status status;
    status.engine_version = "0.1.0";
    status.actors = {{"intake", actor_state::running, 0, "", 0, ""},
                     {"scanner", actor_state::running, 0, "", 0, "rspamd answers"}};
    return status;
}

fake_engine::answerer engine_saying(const engine_status& status) {
    return [status](const parcel& request) { return reply(request, status); };
}

// A machine on which everything is as it should be, until a test changes it.
class IeConfig : public ::testing::Test {
  protected:
    IeConfig() {
        for (const char* name : {"data", "log", "run", "spool", "spool/input"}) {
            std::filesystem::create_directory(path(name));
        }
        ::chmod(path("data").c_str(), 0700);
        EXPECT_EQ(::chown(path("data").c_str(), 65534, 65534), 0);
        folder_.write("userdomains", "# who owns what\nalice.test: alice\n\nbob.test: bob\n");
    }

    std::string path(const std::string& name) const { return folder_.path(name); }

    // `more` is put after the settings that name the machine's parts, and may replace one of them.
    std::string settings(const std::map<std::string, std::string>& changed = {}) {
        std::map<std::string, std::string> all{
            {"engine.endpoint", "ipc://" + path("run/engine.sock")},
            {"engine.data_dir", path("data")},
            {"log.dir", path("log")},
            {"accounts.domain_map", path("userdomains")},
            {"courier.exim", "/usr/sbin/exim4"},
            {"rspamd.url", "http://127.0.0.1:1"},
            {"hook.user", "Debian-exim"},
            {"hook.judge_socket", path("run/judge.sock")},
            {"hook.lmtp_socket", path("run/lmtp.sock")},
            {"hook.spool_dir", path("spool")}};
        for (const auto& [key, value] : changed) all[key] = value;
        std::string text;
        for (const auto& [key, value] : all) text += key + " = \"" + value + "\"\n";
        return folder_.write("ie.toml", text);
    }

    result config(const std::string& command,
                  const std::map<std::string, std::string>& changed = {}, bool as_json = false) {
        std::vector<std::string> line{"ie-config", command, "--config", settings(changed)};
        if (as_json) line.push_back("--json");
        return run(line);
    }

    temporary_folder folder_;
};

TEST_F(IeConfig, CheckFindsNothingWrongWithAGoodMachine) {
    const auto done = config("check");
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.output, Not(HasSubstr("problem")));
    EXPECT_THAT(done.output, HasSubstr("exim           ok       Exim version 4."));
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

TEST_F(IeConfig, CheckSaysThatHeldMailIsSkippedWhileNoEngineRuns) {
    const auto done = config("check");
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.output, HasSubstr("held mail      skipped  the engine doesn't serve: "));
    EXPECT_THAT(done.output, HasSubstr("see 'systemctl status ie-engine'"));
    const auto document = json::parse(config("check", {}, true).output);
    EXPECT_EQ(document["success"], true);
    EXPECT_EQ(document["items"].back()["ok"], nullptr);
}

TEST_F(IeConfig, CheckLooksAtEachPartOfTheStore) {
    fake_engine engine(store_of({{1, 3, 0, {}}, {2, 3, 40, {}}, {3, 3, 2, {}}}));
    const auto done = config("check", {{"engine.endpoint", engine.endpoint()}});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_THAT(done.output, HasSubstr("held mail      ok  42 mails, each whole and known\n"));
    EXPECT_EQ(engine.seen<check_store>().size(), 3U);
}

TEST_F(IeConfig, CheckHasALineForEachProblemOfTheStore) {
    fake_engine engine(store_of({{1, 2, 0, {"quarantine.db: a; do b"}},
                                 {2, 2, 40, {"mail 1: no file; c", std::string("x") + evil}}}));
    const auto done = config("check", {{"engine.endpoint", engine.endpoint()}});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("held mail      problem:  quarantine.db: a; do b\n"));
    EXPECT_THAT(done.output, HasSubstr("held mail      problem:  mail 1: no file; c\n"));
    EXPECT_THAT(done.output, HasSubstr("held mail      problem:  x\\x1b]0;owned"));
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
        {"courier.exim", none, none + ": No such file or directory; set courier.exim"},
        {"courier.exim", "/bin/true", "/bin/true isn't Exim"},
        {"courier.exim", "/bin/false", "/bin/false -bV: it failed"},
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

TEST_F(IeConfig, StatusIsZeroOnlyWhereAllRun) {
    fake_engine engine(engine_saying(all_running()));
    greeter judge(greeter::unix_socket(path("run/judge.sock")), "");
    greeter lmtp(greeter::unix_socket(path("run/lmtp.sock")), "220 ie-exim-hook LMTP\r\n");
    const std::map<std::string, std::string> machine{{"engine.endpoint", engine.endpoint()}};
    const auto done = config("status", machine);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, StartsWith("ie-engine     running      version 0.1.0\n"
                                        "intake        running\n"
                                        "scanner       running      rspamd answers\n"
                                        "ie-exim-hook  running      220 ie-exim-hook LMTP\n"
                                        "rspamd        not running  http://127.0.0.1:1/ping: "));
}

// Rspamd's answer, on a port that the kernel chooses.
class IeConfigStatus : public IeConfig {
  protected:
    IeConfigStatus() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }

    // The command against a machine whose parts answer so; an empty greeting: none.
    result status(const engine_status& engine_says, const std::string& hook_says,
                  const std::string& rspamd_says, bool as_json = false) {
        fake_engine engine(engine_saying(engine_says));
        greeter judge(greeter::unix_socket(path("run/judge.sock")), "");
        greeter lmtp(greeter::unix_socket(path("run/lmtp.sock")), hook_says);
        greeter rspamd(listening_, rspamd_says);
        return config("status", {{"engine.endpoint", engine.endpoint()}, {"rspamd.url", url_}},
                      as_json);
    }

    static constexpr const char* pong = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npong\r\n";
    static constexpr const char* hello = "220 ready\r\n";

    int listening_ = -1;
    std::string url_;
};

TEST_F(IeConfigStatus, IsGoodWhereEngineHookAndRspamdAnswer) {
    const auto done = status(all_running(), hello, pong);
    EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
    EXPECT_THAT(done.output, HasSubstr("rspamd        running  " + url_ + "\n"));
}

TEST_F(IeConfigStatus, IsBadWhereAnActorIsNotWell) {
    auto engine = all_running();
    engine.actors[1].state = actor_state::degraded;
    engine.actors[1].last_error = "timed out\x1b[2J";
    const auto done = status(engine, hello, pong);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("scanner       not running  degraded: rspamd answers; last "
                                       "error: timed out\\x1b[2J\n"));
}

TEST_F(IeConfigStatus, IsBadWhereTheHookListensButSaysNothing) {
    const auto done = status(all_running(), "", pong);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("lmtp.sock: no answer within 2000 ms"));
}

TEST_F(IeConfigStatus, IsBadWhereRspamdSaysSomethingElse) {
    const auto done =
        status(all_running(), hello, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", true);
    EXPECT_EQ(done.exit_code, 1);
    const auto document = json::parse(done.output);
    EXPECT_EQ(document["success"], false);
    EXPECT_EQ(document["items"][4]["name"], "rspamd");
    EXPECT_EQ(document["items"][4]["ok"], false);
}

TEST_F(IeConfig, StatusSaysThatNothingRuns) {
    const auto done = config("status");
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("ie-engine     not running  unavailable: "));
    EXPECT_THAT(done.output, HasSubstr("ie-exim-hook  not running  " + path("run/judge.sock") +
                                       ": No such file or directory; see"));
}

}  // namespace
}  // namespace ie::testing
