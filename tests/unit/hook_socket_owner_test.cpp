#include "gateway/exim_hook/socket_owner.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ie {
namespace {

constexpr std::string_view line =
    "   3: 0100007F:A3F2 0200007F:0019 01 00000000:00000000 00:00000000 00000000  1001        0 "
    "4711 1 0000000000000000 20 4 30 10 -1";

TEST(SocketOwner, WritesAddressesAsTheKernelDoes) {
    EXPECT_EQ(table_form("127.0.0.1", 25).v4, "0100007F:0019");
    EXPECT_EQ(table_form("127.0.0.1", 25).v6, "0000000000000000FFFF00000100007F:0019");
    EXPECT_EQ(table_form("::1", 0xFFFF).v6, "00000000000000000000000001000000:FFFF");
    EXPECT_EQ(table_form("::1", 25).v4, "");
    EXPECT_EQ(table_form("no address", 25).v6, "");
}

TEST(SocketOwner, ReadsTheUidOfTheClientsEndOnly) {
    EXPECT_EQ(uid_in_line(line, "0100007F:A3F2", "0200007F:0019"), 1001U);
    EXPECT_FALSE(uid_in_line(line, "0200007F:0019", "0100007F:A3F2"));
    EXPECT_FALSE(uid_in_line(line, "0100007F:A3F2", "0200007F:001A"));
    EXPECT_FALSE(uid_in_line("", "", ""));
    EXPECT_FALSE(uid_in_line(line.substr(0, 90), "0100007F:A3F2", "0200007F:0019"));
}

TEST(SocketOwner, BelievesNoSocketThatNobodyHasOpenAnyMore) {
    EXPECT_FALSE(
        uid_in_line("   3: 0100007F:A3F2 0200007F:0019 06 00000000:00000000 03:00001750 "
                    "00000000     0        0 0 3 0000000000000000",
                    "0100007F:A3F2", "0200007F:0019"));
}

uint16_t port_of(int socket) {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size), 0);
    return ntohs(bound.sin_port);
}

// The kernel itself: a connection of this process to itself, as another user's.
TEST(SocketOwner, FindsWhoIsAtTheOtherEndOfARealConnection) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    ASSERT_EQ(listen(server, 1), 0);
    here.sin_port = htons(port_of(server));
    constexpr uid_t other = 54'321;
    ASSERT_EQ(seteuid(other), 0) << "the tests run as root";
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(seteuid(0), 0);
    ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    const tcp_connection connection{"127.0.0.1", port_of(client), "127.0.0.1", port_of(server)};
    EXPECT_EQ(uid_of_client(connection), other);
    EXPECT_FALSE(uid_of_client({"127.0.0.1", port_of(client), "127.0.0.2", port_of(server)}));
    EXPECT_FALSE(uid_of_client({"192.0.2.7", port_of(client), "127.0.0.1", port_of(server)}));
    close(client);
    close(server);
    EXPECT_FALSE(uid_of_client(connection));
}

}  // namespace
}  // namespace ie
