// The program ie-exim-hook itself: its options, signals and what it leaves behind.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/fault/hook_fixture.hpp"
#include "tests/support/notice_socket.hpp"

extern char** environ;

namespace ie {
namespace {

constexpr const char* accepted = "accept\n-\n-\n-\n";

class HookProcess : public hook_fixture {
  protected:
    void SetUp() override {
        hook_fixture::SetUp();
        std::filesystem::remove(folder_.path("hook.log"));
        std::filesystem::create_directories(folder_.path("log"));
        folder_.write("ie.toml", "[engine]\nendpoint = \"" + settings_.engine.endpoint +
                                     "\"\n[log]\ndir = \"" + folder_.path("log") +
                                     "\"\n[hook]\njudge_socket = \"" + settings_.hook.judge_socket +
                                     "\"\nlmtp_socket = \"" + settings_.hook.lmtp_socket +
                                     "\"\nspool_dir = \"" + settings_.hook.spool_dir + "\"\n");
    }
    void TearDown() override {
        for (const pid_t pid : running_) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
        hook_fixture::TearDown();
    }

    pid_t start(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), IE_HOOK_PROGRAM);
        std::vector<char*> argv;
        for (auto& each : arguments) argv.push_back(each.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        const std::string output = folder_.path("output");
        posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                         0600);
        posix_spawn_file_actions_adddup2(&files, 1, 2);
        pid_t pid = -1;
        EXPECT_EQ(::posix_spawn(&pid, IE_HOOK_PROGRAM, &files, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&files);
        running_.push_back(pid);
        return pid;
    }
    pid_t start_and_wait() {
        const pid_t pid = start({"--config", folder_.path("ie.toml")});
        EXPECT_TRUE(eventually([&] { return judge() == accepted; }));
        return pid;
    }
    // Its exit code; 128 and the signal's number where one ended it.
    int end_of(pid_t pid) {
        int status = -1;
        EXPECT_EQ(::waitpid(pid, &status, 0), pid);
        std::erase(running_, pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    std::string text_of(const std::string& name) const {
        return testing::text_of_file(folder_.path(name));
    }

    std::vector<pid_t> running_;
};

TEST_F(HookProcess, SaysItsVersion) {
    EXPECT_EQ(end_of(start({"--version"})), 0);
    EXPECT_EQ(text_of("output"), "ie-exim-hook " IE_VERSION "\n");
}

TEST_F(HookProcess, TellsSystemdHowItIs) {
    const testing::notice_socket systemd(folder_.path("notify"), "400000");
    const auto next = [&] {
        std::string heard = systemd.hear(10'000);
        while (heard == "WATCHDOG=1") heard = systemd.hear(10'000);
        return heard;
    };
    const pid_t pid = start({"--config", folder_.path("ie.toml")});
    EXPECT_EQ(next(), "READY=1");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.hear(10'000), "WATCHDOG=1");
    ::kill(pid, SIGHUP);
    EXPECT_EQ(next(), "RELOADING=1");
    EXPECT_EQ(next(), "READY=1");
    ::kill(pid, SIGTERM);
    EXPECT_EQ(next(), "STOPPING=1");
    EXPECT_EQ(end_of(pid), 0);
}

TEST_F(HookProcess, NamesTheConfigurationThatItCanNotRead) {
    EXPECT_EQ(end_of(start({"--config", "/nonexistent/ie.toml"})), 1);
    EXPECT_EQ(text_of("output"), "ie-exim-hook: /nonexistent/ie.toml: No such file or directory\n");
}

TEST_F(HookProcess, EndsWithZeroAndTakesItsSocketsAway) {
    for (const int number : {SIGTERM, SIGINT}) {
        const pid_t pid = start_and_wait();
        ::kill(pid, number);
        EXPECT_EQ(end_of(pid), 0);
        EXPECT_FALSE(std::filesystem::exists(settings_.hook.judge_socket));
        EXPECT_FALSE(std::filesystem::exists(settings_.hook.lmtp_socket));
    }
    EXPECT_NE(text_of("log/hook.log").find(" info hook stopped"), std::string::npos);
}

TEST_F(HookProcess, IsReplacedAfterAKill) {
    const pid_t pid = start_and_wait();
    ::kill(pid, SIGKILL);
    EXPECT_EQ(end_of(pid), 128 + SIGKILL);
    EXPECT_TRUE(std::filesystem::exists(settings_.hook.judge_socket));
    start_and_wait();
}

TEST_F(HookProcess, KeepsASecondOneOutThoughItIsStopped) {
    const pid_t pid = start_and_wait();
    ::kill(pid, SIGSTOP);
    EXPECT_EQ(end_of(start({"--config", folder_.path("ie.toml")})), 1);
    EXPECT_EQ(text_of("output"),
              "ie-exim-hook: " + settings_.hook.judge_socket + ".lock: another hook runs here\n");
    ::kill(pid, SIGCONT);
    EXPECT_EQ(judge(), accepted);
}

// A folder stands in its place, into which root can't write either.
TEST_F(HookProcess, JudgesThoughItsLogCanNotBeOpened) {
    const std::string log = folder_.path("log/hook.log");
    const auto has_trouble = [&] {
        return lmtp().line().find("Is a directory") != std::string::npos;
    };
    std::filesystem::create_directory(log);
    pid_t pid = start_and_wait();
    EXPECT_TRUE(has_trouble());
    EXPECT_NE(text_of("output").find(" info hook started "), std::string::npos);
    std::filesystem::remove(log);
    EXPECT_TRUE(eventually([&] { return !has_trouble(); }));
    EXPECT_EQ(judge(), accepted);
    EXPECT_NE(text_of("log/hook.log").find(" policy_applied "), std::string::npos);
    for (const int number : {SIGHUP, SIGUSR1}) {
        std::filesystem::rename(log, log + ".1");
        std::filesystem::create_directory(log);
        ::kill(pid, number);
        EXPECT_TRUE(eventually(has_trouble));
        EXPECT_EQ(judge(), accepted);
        std::filesystem::remove(log);
        EXPECT_TRUE(eventually([&] { return !has_trouble(); }));
    }
    ::kill(pid, SIGTERM);
    EXPECT_EQ(end_of(pid), 0);
}

TEST_F(HookProcess, WritesANewLogOnceToldThatTheOldOneWasMoved) {
    const pid_t pid = start_and_wait();
    for (const int number : {SIGHUP, SIGUSR1}) {
        std::filesystem::rename(folder_.path("log/hook.log"), folder_.path("log/hook.log.1"));
        ::kill(pid, number);
        EXPECT_TRUE(eventually(
            [&] { return text_of("log/hook.log").find("log_reopened") != std::string::npos; }));
    }
}

}  // namespace
}  // namespace ie
