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

client_owner found_in(std::initializer_list<std::string_view> lines) {
    table_search search("0100007F:A3F2", "0200007F:0019");
    for (const auto each : lines) search.take(each);
    return search.found();
}

constexpr std::string_view server_end =
    "   4: 0200007F:0019 0100007F:A3F2 01 00000000:00000000 00:00000000 00000000   102        0 "
    "4712 1 0000000000000000 20 4 30 10 -1";
constexpr std::string_view listener =
    "   0: 00000000:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4700 1 0000000000000000 100 0 0 10 0";
constexpr std::string_view closed =
    "   3: 0100007F:A3F2 0200007F:0019 05 00000000:00000000 03:00001750 00000000     0        0 0 "
    "3 "
    "0000000000000000";

TEST(SocketOwner, ReadsTheUidOfTheClientsEndOnly) {
    const client_owner client{client_end::here, 1'001};
    EXPECT_EQ(found_in({line}), client);
    EXPECT_EQ(found_in({listener, server_end, line}), client);
    EXPECT_EQ(found_in({line, server_end, listener}), client);
}

TEST(SocketOwner, KnowsThatAClientOfThisMachineHasHungUp) {
    const client_owner gone{client_end::gone, 0};
    EXPECT_EQ(found_in({listener}), gone);
    EXPECT_EQ(found_in({server_end, closed}), gone);
}

TEST(SocketOwner, SaysNothingOfAConnectionThatIsNotInTheTable) {
    EXPECT_EQ(found_in({}), client_owner{});
    EXPECT_EQ(found_in({"", closed, line.substr(0, 90)}), client_owner{});
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
    EXPECT_EQ(owner_of_client(connection), (client_owner{client_end::here, other}));
    EXPECT_EQ(owner_of_client({"192.0.2.7", port_of(client), "127.0.0.1", port_of(server)}),
              client_owner{});
    close(client);
    EXPECT_EQ(owner_of_client(connection).end, client_end::gone);
    close(server);
}

}  // namespace
}  // namespace ie
