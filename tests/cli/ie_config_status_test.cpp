#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <thread>

#include "cli/service_unit.hpp"
#include "messages/json.hpp"
#include "tests/cli/ie_config_fixture.hpp"
#include "tests/support/license_issuer.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;
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
                     {"quarantine", actor_state::running, 0, "", 0, "held=3"},
                     {"scanner", actor_state::running, 0, "", 0, "rspamd answers"}};
    return status;
}

fake_engine::answerer engine_saying(const engine_status& status) {
    return [status](const parcel& request) { return reply(request, status); };
}

TEST_F(IeConfig, StatusIsZeroOnlyWhereAllRun) {
    fake_engine engine(engine_saying(all_running()));
    greeter judge(greeter::unix_socket(path("run/judge.sock")), "");
    greeter lmtp(greeter::unix_socket(path("run/lmtp.sock")), "220 ie-exim-hook LMTP\r\n");
    const std::map<std::string, std::string> machine{{"engine.endpoint", engine.endpoint()}};
    const auto done = config("status", machine);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, StartsWith("ie-engine        running      version 0.1.0\n"
                                        "intake           running\n"
                                        "quarantine       running      held=3\n"
                                        "scanner          running      rspamd answers\n"
                                        "ie-quarantine    running      the engine's part"));
    EXPECT_THAT(done.output, HasSubstr("ie-notification  running      the engine's log"));
    EXPECT_THAT(done.output, HasSubstr("ie-dec-node      skipped      there is no model"));
    EXPECT_THAT(done.output, HasSubstr("ie-release       not running  " + path("run/release.sock") +
                                       ": No such file or directory; see"));
    EXPECT_THAT(done.output, HasSubstr("ie-exim-hook     running      220 ie-exim-hook LMTP\n"
                                       "rspamd           not running  http://127.0.0.1:1/ping: "));
}

TEST_F(IeConfig, StatusSaysWhatIsWrongWithTheHooksLog) {
    greeter judge(greeter::unix_socket(path("run/judge.sock")), "");
    greeter lmtp(greeter::unix_socket(path("run/lmtp.sock")),
                 "220 ie-exim-hook LMTP; /log/hook.log: Permission denied; lines go to x\r\n");
    EXPECT_THAT(config("status", {}).output,
                HasSubstr("hook log         not running  /log/hook.log: Permission denied; lines"));
}

TEST_F(IeConfig, StatusOfSomePartsIsAboutThoseOnly) {
    fake_engine engine(engine_saying(all_running()));
    const std::string settings_path = settings({{"engine.endpoint", engine.endpoint()}});
    const auto done =
        run({"ie-config", "status", "ie-quarantine", "ie-engine", "--config", settings_path});
    EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
    EXPECT_EQ(done.output,
              "ie-quarantine  running  the engine's part quarantine\n"
              "ie-engine      running  version 0.1.0\n");
    EXPECT_EQ(run({"ie-config", "status", "rspamd", "--config", settings_path}).exit_code, 1);
    const auto unknown = run({"ie-config", "status", "ie-nothing", "--config", settings_path});
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_THAT(unknown.errors, HasSubstr("no part is called 'ie-nothing'; there are ie-engine, "));
}

TEST(UnitAdvice, IsTheCommandThatStartsWhatDoesNotRun) {
    const auto advice = [](const std::string& load, const std::string& active,
                           const std::string& file) {
        return cli::unit_advice("x.service", "LoadState=" + load + "\nActiveState=" + active +
                                                 "\nUnitFileState=" + file + "\n");
    };
    EXPECT_EQ(advice("loaded", "inactive", "enabled"), "'systemctl start x.service' starts it");
    EXPECT_EQ(advice("loaded", "inactive", "disabled"),
              "'systemctl enable --now x.service' starts it");
    EXPECT_EQ(advice("loaded", "failed", "enabled"),
              "it failed: 'journalctl -u x.service' says why, 'systemctl restart x.service' "
              "starts it");
    EXPECT_EQ(advice("loaded", "activating", "enabled"), "it is starting; ask again in a moment");
    EXPECT_EQ(advice("loaded", "active", "enabled"),
              "it was started but doesn't answer; see 'systemctl status x.service'");
    EXPECT_EQ(
        cli::unit_advice("x.service", "LoadState=loaded\nActiveState=activating\nNRestarts=3\n"),
        "it ends each time that it is started: 'journalctl -u x.service' says why");
    EXPECT_EQ(advice("masked", "inactive", "masked"),
              "'systemctl unmask x.service', then 'systemctl start x.service'");
    EXPECT_EQ(advice("not-found", "inactive", ""),
              "x.service isn't installed; install the package that has it");
    EXPECT_EQ(cli::unit_advice("x.service", ""), "see 'systemctl status x.service'");
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
        greeter release(greeter::unix_socket(path("run/release.sock")), "");
        greeter judge(greeter::unix_socket(path("run/judge.sock")), "");
        greeter lmtp(greeter::unix_socket(path("run/lmtp.sock")), hook_says);
        greeter rspamd(listening_, rspamd_says);
        return config("status",
                      {{"engine.endpoint", engine.endpoint()},
                       {"rspamd.url", url_},
                       {"courier.exim", exim_with_filter()}},
                      as_json);
    }

    // An Exim into which somebody has put the filter, as `exim -bP macros` tells; this machine's
    // hasn't it.
    std::string exim_with_filter() {
        const std::string program =
            folder_.write("exim", "#!/bin/sh\necho IE_HOOK_SOCKET=/run/x\n");
        ::chmod(program.c_str(), 0755);
        return program;
    }

    static constexpr const char* pong = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npong\r\n";
    static constexpr const char* hello = "220 ready\r\n";

    int listening_ = -1;
    std::string url_;
};

TEST_F(IeConfigStatus, IsGoodWhereEngineHookAndRspamdAnswer) {
    const auto done = status(all_running(), hello, pong);
    EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
    EXPECT_THAT(done.output, HasSubstr("rspamd           running  " + url_ + "\n"));
    EXPECT_THAT(done.output, HasSubstr("exim filter      running  enabled: put in by hand\n"));
    EXPECT_THAT(done.output, HasSubstr("license          skipped  there is none; nothing is "));
}

TEST_F(IeConfigStatus, IsBadWhereAnActorIsNotWell) {
    auto engine = all_running();
    engine.actors[2].state = actor_state::degraded;
    engine.actors[2].last_error = "timed out\x1b[2J";
    const auto done = status(engine, hello, pong);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output,
                HasSubstr("scanner          not running  degraded: rspamd answers; last "
                          "error: timed out\\x1b[2J\n"));
}

TEST_F(IeConfigStatus, IsBadWhereTheLicenseIsNotTheIssuers) {
    const license_issuer issuer;
    folder_.write("license.pub", issuer.public_key());
    folder_.write("license.json", R"({"serial": 1, "account": "DISABLED"})");
    folder_.write("license.json.sig", issuer.sign("another"));
    const auto done = status(all_running(), hello, pong);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output,
                HasSubstr("license          not running  " + path("license.json") +
                          ": the signature is not the issuer's; mend that, or get it anew from its "
                          "issuer\n"));
    const auto refused = config("update-license");
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.errors, HasSubstr("not the issuer's; nothing was changed"));
    const auto as_json = config("update-license", {}, true);
    EXPECT_EQ(as_json.exit_code, 1);
    EXPECT_EQ(json::parse(as_json.output)["error"]["code"], "not_permitted");
}

TEST_F(IeConfig, UpdateLicenseSaysWhereALicenseWouldBe) {
    const auto done = config("update-license");
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.errors, HasSubstr(path("license.json") + " is missing; without a license"));
}

TEST_F(IeConfigStatus, IsBadWhereTheHookListensButSaysNothing) {
    const auto done = status(all_running(), "", pong);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("lmtp.sock: no answer within 5000 ms"));
}

TEST_F(IeConfigStatus, IsBadWhereRspamdSaysSomethingElse) {
    const auto done =
        status(all_running(), hello, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", true);
    EXPECT_EQ(done.exit_code, 1);
    const auto document = json::parse(done.output);
    EXPECT_EQ(document["success"], false);
    const auto& items = document["items"];
    const auto rspamd = std::find_if(items.begin(), items.end(),
                                     [](const auto& each) { return each["name"] == "rspamd"; });
    ASSERT_NE(rspamd, items.end());
    EXPECT_EQ((*rspamd)["ok"], false);
}

TEST_F(IeConfig, StatusSaysThatNothingRuns) {
    const auto done = config("status");
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.output, HasSubstr("ie-engine        not running  unavailable: "));
    EXPECT_THAT(done.output, HasSubstr("ie-exim-hook     not running  " + path("run/judge.sock") +
                                       ": No such file or directory; see"));
    EXPECT_THAT(done.output,
                HasSubstr("exim filter      not running  disabled; run 'ie-config enable'"));
}

}  // namespace
}  // namespace ie::testing
