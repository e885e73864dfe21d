#include "config/system/service_notice.hpp"

#include "tests/support/notice_socket.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

constexpr int long_enough_ms = 10'000;

TEST(ServiceNotice, IsHeardWhereTheEnvironmentNamesASocket) {
    const testing::temporary_folder folder;
    const testing::notice_socket systemd(folder.path("notify"), "60000000");
    const auto notice = service_notice::of_environment();
    EXPECT_EQ(notice.watchdog_ms(), 60'000);
    notice.ready();
    EXPECT_EQ(systemd.hear(long_enough_ms), "READY=1");
    notice.alive();
    EXPECT_EQ(systemd.hear(long_enough_ms), "WATCHDOG=1");
}

TEST(ServiceNotice, IsHeardAtAnAbstractSocket) {
    const testing::notice_socket systemd("@ie-notice-" + std::to_string(getpid()));
    const auto notice = service_notice::of_environment();
    EXPECT_EQ(notice.watchdog_ms(), 0);
    notice.stopping();
    EXPECT_EQ(systemd.hear(long_enough_ms), "STOPPING=1");
}

TEST(ServiceNotice, IsSilentWhereNobodyListens) {
    service_notice{}.ready();
    service_notice::of_environment().ready();
    ::setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    service_notice::of_environment().ready();
    ::setenv("NOTIFY_SOCKET", std::string(200, 'x').c_str(), 1);
    service_notice::of_environment().ready();
    ::unsetenv("NOTIFY_SOCKET");
}

TEST(ServiceNotice, TheWatchdogOfAnotherProcessIsNotOurs) {
    const testing::temporary_folder folder;
    const testing::notice_socket systemd(folder.path("notify"), "60000000");
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(service_notice::of_environment().watchdog_ms(), 0);
    ::setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    EXPECT_EQ(service_notice::of_environment().watchdog_ms(), 60'000);
    ::unsetenv("WATCHDOG_PID");
}

}  // namespace
}  // namespace ie
