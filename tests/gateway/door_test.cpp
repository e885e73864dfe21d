#include "gateway/doors/listening_socket.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "gateway/doors/ipc_connection.hpp"
#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

using testing::endpoint_in;
using testing::gateway_fixture;
using testing::temporary_folder;

socket_place place_in(const temporary_folder& folder) {
    return {"engine.endpoint", endpoint_in(folder), 0666, {}, false};
}

TEST(Door, RefusesAPathWhereAnotherEngineListens) {
    const temporary_folder folder;
    const auto first = listening_socket::open(place_in(folder));
    ASSERT_TRUE(first) << first.failure().what;
    const auto second = listening_socket::open(place_in(folder));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.failure().code, error_code::conflict);
    EXPECT_EQ(second.failure().what, "another engine listens on " + folder.path("engine.sock"));
}

TEST(Door, ReplacesTheSocketOfAnEngineThatDied) {
    const temporary_folder folder;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder.path("engine.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    close(fd);
    const auto door = listening_socket::open(place_in(folder));
    EXPECT_TRUE(door) << door.failure().what;
}

TEST(Door, LeavesAFileAloneThatIsNoSocket) {
    const temporary_folder folder;
    folder.write("engine.sock", "precious");
    const auto door = listening_socket::open(place_in(folder));
    ASSERT_FALSE(door);
    EXPECT_EQ(door.failure().code, error_code::conflict);
    EXPECT_EQ(std::filesystem::file_size(folder.path("engine.sock")), 8U);
}

TEST(Door, SetsModeAndGroupOfItsSocket) {
    const temporary_folder folder;
    socket_place place = place_in(folder);
    place.mode = 0620;
    place.group = "mail";
    const auto door = listening_socket::open(place);
    ASSERT_TRUE(door) << door.failure().what;
    struct stat found {};
    ASSERT_EQ(stat(folder.path("engine.sock").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0620U);
    EXPECT_EQ(found.st_gid, getgrnam("mail")->gr_gid);
}

TEST(Door, NamesWhatIsWrongWithItsSettings) {
    const temporary_folder folder;
    const auto what = [&](const std::string& endpoint, const std::string& group) {
        const auto door = listening_socket::open({"engine.endpoint", endpoint, 0666, group, false});
        return door ? "" : door.failure().what;
    };
    EXPECT_EQ(what("/run/x", ""), "engine.endpoint: must begin with ipc://");
    EXPECT_EQ(what("ipc://" + folder.path("none/engine.sock"), ""),
              "engine.endpoint: " + folder.path("none") + ": Not a directory");
    EXPECT_EQ(what("ipc://" + std::string(108, 'x'), "").find("engine.endpoint: a path of 1 to"),
              0U);
    EXPECT_EQ(what(endpoint_in(folder), "no-such-group"),
              "engine.socket_group: there is no group no-such-group");
}

TEST(Door, KnowsWhatAnErrorOfAcceptMeans) {
    for (const int each : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
        EXPECT_EQ(accept_error_of(each), accept_error::short_of_room) << each;
    }
    for (const int each : {EINTR, ECONNABORTED, EPROTO, EPERM}) {
        EXPECT_EQ(accept_error_of(each), accept_error::client_gone) << each;
    }
    EXPECT_EQ(accept_error_of(EAGAIN), accept_error::none_waits);
    EXPECT_EQ(accept_error_of(EWOULDBLOCK), accept_error::none_waits);
    EXPECT_EQ(accept_error_of(EINVAL), accept_error::other);
}

// A socket that takes all that it is given: what a client is sent in one turn is bounded all the
// same.
TEST(Connection, IsSentABoundedPartATurn) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    constexpr int large = 8 << 20;
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof large);
    const file_handle other(ends[1]);
    ipc_connection to(1, file_handle(ends[0]), {1'000, 4});
    to.output.add_frame(mail_bytes(std::string(2 << 20, 'm')), false);
    const size_t all = to.output.unsent_bytes();
    EXPECT_EQ(send_some(to), transfer::blocked);
    EXPECT_EQ(all - to.output.unsent_bytes(), 256U << 10);
    int turns = 1;
    while (send_some(to) == transfer::blocked && turns < 100) ++turns;
    EXPECT_EQ(turns, 8);
    EXPECT_TRUE(to.output.empty());
}

class DoorOfAGateway : public gateway_fixture {};

TEST_F(DoorOfAGateway, ASecondGatewayOnThePathIsRefusedAndTheFirstGoesOn) {
    start();
    const auto second = gateway::start(system, settings, accounts);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.failure().code, error_code::conflict);
    EXPECT_TRUE(make_client().ask<mail_verdict>(judge_mail{}));
}

TEST_F(DoorOfAGateway, AMailMayNotBeLargerThanAllThatMayBeInFlight) {
    settings.gateway.mail_bytes_max = 2'000;
    settings.gateway.bytes_in_flight_max = 1'000;
    const auto door_made = gateway::start(system, settings, accounts);
    ASSERT_FALSE(door_made);
    EXPECT_EQ(door_made.failure().code, error_code::bad_request);
}

}  // namespace
}  // namespace ie
