#include "config/system/exim_setup/exim_process.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

#include "tests/support/temporary_folder.hpp"

namespace ie::exim {
namespace {

using ::testing::HasSubstr;
using testing::temporary_folder;

constexpr std::chrono::milliseconds long_enough{60'000};
constexpr std::chrono::milliseconds short_time{1'500};  // for a second SIGHUP

// A shell under an Exim's name, that does this on a SIGHUP; and an Exim that says where its pid
// file is.
class daemon_under_test {
  public:
    explicit daemon_under_test(const std::string& on_hangup) {
        std::filesystem::copy_file("/bin/bash", folder_.path("exim-daemon"));
        const auto script =
            folder_.write("script", "trap '" + on_hangup + "' HUP\n: > " + folder_.path("ready") +
                                        "\nwhile :; do sleep 0.05; done\n");
        folder_.write("exim", "#!/bin/sh\necho pid_file_path = " + folder_.path("exim.pid") + "\n");
        std::filesystem::permissions(exim(), std::filesystem::perms::owner_all);
        std::string program = folder_.path("exim-daemon");
        std::string argument = script;
        char* const arguments[] = {program.data(), argument.data(), nullptr};
        EXPECT_EQ(posix_spawn(&process_, program.c_str(), nullptr, nullptr, arguments, environ), 0);
        folder_.write("exim.pid", std::to_string(process_) + "\n");
        const auto until = std::chrono::steady_clock::now() + long_enough;
        while (!std::filesystem::exists(folder_.path("ready"))) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            if (std::chrono::steady_clock::now() >= until) {
                ADD_FAILURE() << "the daemon doesn't begin";
                return;
            }
        }
    }
    ~daemon_under_test() {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    daemon_under_test(const daemon_under_test&) = delete;
    daemon_under_test& operator=(const daemon_under_test&) = delete;

    std::string exim() const { return folder_.path("exim"); }

  private:
    temporary_folder folder_;
    pid_t process_ = 0;
};

TEST(EximProcess, ToldOnceItStartsAnew) {
    const daemon_under_test daemon("exec \"$BASH\" \"$0\"");
    const auto reloaded = reload_daemons(daemon.exim(), long_enough);
    ASSERT_TRUE(reloaded) << reloaded.failure().what;
    EXPECT_EQ(*reloaded, 1);
}

TEST(EximProcess, IsToldAgainWhereItForgets) {
    const daemon_under_test daemon("if [ $told ]; then exec \"$BASH\" \"$0\"; fi; told=yes");
    const auto reloaded = reload_daemons(daemon.exim(), long_enough);
    ASSERT_TRUE(reloaded) << reloaded.failure().what;
    EXPECT_EQ(*reloaded, 1);
}

TEST(EximProcess, CountsOneThatHasBegunAnewAndDoesntListenInTime) {
    const daemon_under_test daemon("exec \"$BASH\" -c \"while :; do sleep 0.05; done\"");
    const auto reloaded = reload_daemons(daemon.exim(), short_time);
    ASSERT_TRUE(reloaded) << reloaded.failure().what;
    EXPECT_EQ(*reloaded, 1);
}

// What is said of a daemon that does this and isn't reloaded by it.
std::string said_of(const std::string& on_hangup, std::chrono::milliseconds time_max) {
    const daemon_under_test daemon(on_hangup);
    const auto reloaded = reload_daemons(daemon.exim(), time_max);
    return reloaded ? "reloaded" : reloaded.failure().what;
}

TEST(EximProcess, NamesOneThatNeverStartsAnew) {
    EXPECT_THAT(said_of(":", short_time), HasSubstr("doesn't start anew on SIGHUP"));
}

TEST(EximProcess, NamesOneThatIgnoresTheSignal) {
    EXPECT_THAT(said_of("", short_time), HasSubstr("takes no SIGHUP yet"));
}

TEST(EximProcess, NamesOneThatEndsWhenItIsTold) {
    EXPECT_THAT(said_of("exit 1", long_enough), HasSubstr("ended when it was told"));
}

TEST(EximProcess, CountsNoneWhereNoneRuns) {
    const temporary_folder folder;
    const auto exim = folder.write("exim", "#!/bin/sh\necho pid_file_path = /nowhere/exim.pid\n");
    std::filesystem::permissions(exim, std::filesystem::perms::owner_all);
    const auto reloaded = reload_daemons(exim, long_enough);
    ASSERT_TRUE(reloaded) << reloaded.failure().what;
    EXPECT_EQ(*reloaded, 0);
}

}  // namespace
}  // namespace ie::exim
