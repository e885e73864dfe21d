// Who gets in at the hook's sockets, and how many.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fstream>

#include "tests/fault/hook_fixture.hpp"

namespace ie {
namespace {

constexpr const char* accepted = "accept\n-\n-\n-\n";
constexpr uid_t nobody = 65'534;

class HookSocket : public hook_fixture {};

// What one without our uid gets from `path`: 0 the end of the connection and not a byte, 1
// anything else. Only async-signal-safe calls: the test has threads.
int knock_as_nobody(const sockaddr_un& address) {
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        const bool refused =
            ::setgid(nobody) == 0 && ::setuid(nobody) == 0 && fd >= 0 &&
            ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
            ::recv(fd, &byte, 1, 0) == 0;
        ::_exit(refused ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(HookSocket, IsForItsOwnUserAndGroup) {
    start_hook();
    struct stat about {};
    for (const auto& path : {settings_.hook.judge_socket, settings_.hook.lmtp_socket}) {
        ASSERT_EQ(::stat(path.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 07777U, 0660U);
    }
}

TEST_F(HookSocket, RefusesAnotherUidByTheKernelsWord) {
    ASSERT_EQ(::geteuid(), 0U) << "this test changes its uid: run it as root";
    start_hook();
    for (const auto& path : {settings_.hook.judge_socket, settings_.hook.lmtp_socket}) {
        ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(knock_as_nobody(address), 0) << path;
    }
    EXPECT_TRUE(logged("request_denied uid=65534"));
}

TEST_F(HookSocket, AnswersBesideAThousandSilentConnections) {
    settings_.hook.connections_max = 1'100;
    start_hook();
    std::vector<unix_client> silent;
    for (int i = 0; i < 1'000; ++i) {
        silent.emplace_back(settings_.hook.judge_socket);
        ASSERT_TRUE(silent.back().connected());
    }
    EXPECT_EQ(judge(), accepted);
}

TEST_F(HookSocket, EndsConnectionsThatSayNothing) {
    start_hook({.judge_idle_ms_max = 100, .lmtp_idle_ms_max = 100});
    const unix_client judge_client(settings_.hook.judge_socket);
    judge_client.say("judge 1\n");
    EXPECT_EQ(judge_client.rest(), "");
    const auto lmtp_client = lmtp();
    EXPECT_TRUE(lmtp_client.rest().starts_with("220 "));
}

TEST_F(HookSocket, HasOnlySoManyConnections) {
    settings_.hook.connections_max = 2;
    start_hook();
    {
        const unix_client first(settings_.hook.judge_socket);
        const unix_client second(settings_.hook.judge_socket);
        EXPECT_EQ(unix_client(settings_.hook.judge_socket).rest(), "");
        EXPECT_TRUE(logged("caller_busy"));
        const auto other = lmtp();  // is counted apart
        EXPECT_TRUE(other.line().starts_with("220 "));
        const auto another = lmtp();
        EXPECT_TRUE(another.line().starts_with("220 "));
        EXPECT_TRUE(lmtp().rest().starts_with("421 "));
    }
    EXPECT_TRUE(eventually([&] { return judge() == accepted; }));
}

TEST_F(HookSocket, KeepsASecondHookOut) {
    start_hook();
    hook_server second(settings_, {});
    const auto opened = second.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.failure().code, error_code::conflict);
    EXPECT_EQ(judge(), accepted);
}

TEST_F(HookSocket, ReplacesASocketThatNobodyHas) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    settings_.hook.judge_socket.copy(address.sun_path, sizeof address.sun_path - 1);
    {
        const file_handle left(::socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(::bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
    }
    start_hook();
    EXPECT_EQ(judge(), accepted);
}

TEST_F(HookSocket, LeavesAloneWhatIsNoSocket) {
    std::ofstream(settings_.hook.lmtp_socket) << "precious";
    hook_server hook(settings_, {});
    const auto opened = hook.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.failure().what, settings_.hook.lmtp_socket + ": is not a socket");
    EXPECT_TRUE(std::filesystem::exists(settings_.hook.lmtp_socket));
    EXPECT_FALSE(std::filesystem::exists(settings_.hook.judge_socket));
}

}  // namespace
}  // namespace ie
