#include "gateway/exim_hook/socket_owner.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ostream>

#include "gateway/exim_hook/socket_diag.hpp"

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

constexpr client_owner gone{client_end::gone, 0};

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
    EXPECT_EQ(found_in({listener}), gone);
    EXPECT_EQ(found_in({server_end, closed}), gone);
}

TEST(SocketOwner, SaysNothingOfAConnectionThatIsNotInTheTable) {
    EXPECT_EQ(found_in({}), client_owner{});
    EXPECT_EQ(found_in({"", closed, line.substr(0, 90)}), client_owner{});
}

constexpr uid_t other_user = 54'321;

// How a client finds the way to a server that listens to IPv4 or to both.
struct way {
    int server_family;
    int client_family;
    const char* address;  // the server's and the client's, as the client's socket has it
    const char* as_said;  // as Exim may write it
};

std::ostream& operator<<(std::ostream& out, const way& each) {
    return out << each.as_said << " by way of " << each.address;
}

sockaddr_storage address_of(int family, const char* text, uint16_t port) {
    sockaddr_storage out{};
    if (family == AF_INET) {
        auto& four = reinterpret_cast<sockaddr_in&>(out);
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        EXPECT_EQ(inet_pton(AF_INET, text, &four.sin_addr), 1);
    } else {
        auto& six = reinterpret_cast<sockaddr_in6&>(out);
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        EXPECT_EQ(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    }
    return out;
}

uint16_t port_of(int socket) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size), 0);
    return ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);  // at one place in both
}

// The kernel itself: a connection of another user's process to this one.
class RealConnection : public ::testing::TestWithParam<way> {
  protected:
    void SetUp() override {
        ASSERT_EQ(geteuid(), 0U) << "the tests run as root";
        const way& by = GetParam();
        listener_ = socket(by.server_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const char* any = by.server_family == AF_INET ? "127.0.0.1" : "::";
        const auto here = address_of(by.server_family, any, 0);
        ASSERT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
        ASSERT_EQ(listen(listener_, 1), 0);
        connect_as_other_user();
    }

    void TearDown() override {
        end_client();
        for (const int each : {server_, listener_}) close(each);
    }

    void connect_as_other_user() {
        const way& by = GetParam();
        const auto there = address_of(by.client_family, by.address, port_of(listener_));
        ASSERT_EQ(pipe2(leash_, O_CLOEXEC), 0);
        child_ = fork();
        if (child_ == 0) {
            char byte = 0;
            close(leash_[1]);
            if (setuid(other_user) != 0) _exit(1);
            const int client = socket(by.client_family, SOCK_STREAM, 0);
            const auto* address = reinterpret_cast<const sockaddr*>(&there);
            if (connect(client, address, sizeof there) != 0) _exit(2);
            if (read(leash_[0], &byte, 1) == 1) _exit(3);  // closes as it should
            const linger hard{1, 0};
            setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
            _exit(4);  // resets
        }
        close(leash_[0]);
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        server_ = accept(listener_, reinterpret_cast<sockaddr*>(&from), &size);
        ASSERT_GE(server_, 0);
        const uint16_t port = ntohs(reinterpret_cast<sockaddr_in&>(from).sin_port);
        connection_ = {by.as_said, port, by.as_said, port_of(listener_)};
    }

    void end_client(bool politely = true) {
        if (child_ <= 0) return;
        if (politely) {
            EXPECT_EQ(write(leash_[1], "x", 1), 1);
        }
        close(leash_[1]);
        int status = 0;
        EXPECT_EQ(waitpid(std::exchange(child_, 0), &status, 0) > 0, true);
        EXPECT_EQ(WEXITSTATUS(status), politely ? 3 : 4);
    }

    int listener_ = -1;
    int server_ = -1;
    int leash_[2] = {-1, -1};
    pid_t child_ = 0;
    tcp_connection connection_;
};

constexpr client_owner of_other_user{client_end::here, other_user};

TEST_P(RealConnection, IsOfTheUserWhoseProcessIsAtItsOtherEnd) {
    EXPECT_EQ(diagnosed_owner(connection_), of_other_user);
    EXPECT_EQ(listed_owner(connection_), of_other_user);
    EXPECT_EQ(owner_of_client(connection_), of_other_user);
}

TEST_P(RealConnection, IsNobodysOnceItsClientHasClosed) {
    end_client();
    EXPECT_EQ(diagnosed_owner(connection_), gone);  // FIN_WAIT2
    EXPECT_EQ(owner_of_client(connection_), gone);
    close(std::exchange(server_, -1));
    EXPECT_EQ(diagnosed_owner(connection_), gone);  // TIME_WAIT
    EXPECT_EQ(listed_owner(connection_), gone);
}

TEST_P(RealConnection, IsNobodysOnceItsClientHasResetIt) {
    end_client(false);
    EXPECT_EQ(diagnosed_owner(connection_), gone);
    EXPECT_EQ(listed_owner(connection_), gone);
}

TEST_P(RealConnection, IsNotTakenForTheServersOwnEnd) {
    const tcp_connection other_way{connection_.server_address, connection_.server_port,
                                   connection_.client_address, connection_.client_port};
    EXPECT_EQ(owner_of_client(other_way), (client_owner{client_end::here, geteuid()}));
}

TEST_P(RealConnection, OfAnotherMachineIsNotLookedFor) {
    connection_.client_address = "192.0.2.7";
    EXPECT_EQ(owner_of_client(connection_), client_owner{});
}

TEST_P(RealConnection, ThatIsNotThereLeavesDoubt) {
    connection_.server_port = 1;
    EXPECT_EQ(diagnosed_owner(connection_), std::nullopt);
    EXPECT_EQ(owner_of_client(connection_), client_owner{});
}

INSTANTIATE_TEST_SUITE_P(
    Ways, RealConnection,
    ::testing::Values(way{AF_INET, AF_INET, "127.0.0.1", "127.0.0.1"},
                      way{AF_INET6, AF_INET6, "::1", "::1"},
                      way{AF_INET6, AF_INET, "127.0.0.1", "127.0.0.1"},
                      way{AF_INET6, AF_INET6, "::ffff:127.0.0.1", "::ffff:127.0.0.1"},
                      way{AF_INET6, AF_INET6, "::ffff:127.0.0.1", "127.0.0.1"}));

// What the kernel says of a client's socket at 127.0.0.1 to a server at 127.0.0.2.
inet_diag_msg answer_of(uint8_t state) {
    inet_diag_msg answer{};
    answer.idiag_family = AF_INET;
    answer.idiag_state = state;
    answer.id.idiag_sport = htons(40'000);
    answer.id.idiag_dport = htons(25);
    answer.id.idiag_src[0] = htonl(0x7F000001);
    answer.id.idiag_dst[0] = htonl(0x7F000002);
    answer.idiag_uid = 1'001;
    answer.idiag_inode = 4'711;
    return answer;
}

const socket_end client = *end_of("127.0.0.1", 40'000);
const socket_end server = *end_of("127.0.0.2", 25);

TEST(SocketDiagnosis, BelievesTheUidOfASocketThatIsOpen) {
    const auto found = diagnosis_of(answer_of(TCP_ESTABLISHED), client, server);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->connected && found->established && found->open);
    EXPECT_EQ(found->uid, 1'001U);
}

TEST(SocketDiagnosis, BelievesNoUidOfASocketThatNobodyHasOpen) {
    auto orphan = answer_of(TCP_FIN_WAIT2);
    orphan.idiag_uid = orphan.idiag_inode = 0;
    const auto found = diagnosis_of(orphan, client, server);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->connected);
    EXPECT_FALSE(found->open);
    EXPECT_FALSE(diagnosis_of(answer_of(TCP_TIME_WAIT), client, server)->open);
}

TEST(SocketDiagnosis, TakesNoAnswerAboutAnotherConnection) {
    auto answer = answer_of(TCP_ESTABLISHED);
    answer.id.idiag_dport = htons(26);
    EXPECT_FALSE(diagnosis_of(answer, client, server));
    EXPECT_FALSE(diagnosis_of(answer_of(TCP_ESTABLISHED), server, client));
    answer = answer_of(TCP_ESTABLISHED);
    answer.id.idiag_src[0] = htonl(0x7F000003);
    EXPECT_FALSE(diagnosis_of(answer, client, server));
}

// The kernel gives the listener where there is no connection.
TEST(SocketDiagnosis, TellsAListenerFromAConnection) {
    auto listening = answer_of(TCP_LISTEN);
    listening.id.idiag_dport = 0;
    listening.id.idiag_src[0] = listening.id.idiag_dst[0] = 0;
    const auto found = diagnosis_of(listening, client, server);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->connected);
}

}  // namespace
}  // namespace ie
