#include "gateway/zmq/door.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

using testing::endpoint_in;
using testing::gateway_fixture;
using testing::temporary_folder;

settings_file settings_for(const temporary_folder& folder) {
    settings_file settings;
    settings.engine.endpoint = endpoint_in(folder);
    return settings;
}

TEST(Door, RefusesAPathWhereAnotherEngineListens) {
    const temporary_folder folder;
    zmq::context_t first_context;
    zmq::context_t second_context;
    const auto first = open_ipc_door(first_context, settings_for(folder));
    ASSERT_TRUE(first) << first.failure().what;
    const auto second = open_ipc_door(second_context, settings_for(folder));
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
    zmq::context_t context;
    const auto door = open_ipc_door(context, settings_for(folder));
    EXPECT_TRUE(door) << door.failure().what;
}

TEST(Door, LeavesAFileAloneThatIsNoSocket) {
    const temporary_folder folder;
    folder.write("engine.sock", "precious");
    zmq::context_t context;
    const auto door = open_ipc_door(context, settings_for(folder));
    ASSERT_FALSE(door);
    EXPECT_EQ(door.failure().code, error_code::conflict);
    EXPECT_EQ(std::filesystem::file_size(folder.path("engine.sock")), 8U);
}

TEST(Door, SetsModeAndGroupOfItsSocket) {
    const temporary_folder folder;
    settings_file settings = settings_for(folder);
    settings.engine.socket_mode = 0620;
    settings.engine.socket_group = "mail";
    zmq::context_t context;
    const auto door = open_ipc_door(context, settings);
    ASSERT_TRUE(door) << door.failure().what;
    struct stat found {};
    ASSERT_EQ(stat(folder.path("engine.sock").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0620U);
    EXPECT_EQ(found.st_gid, getgrnam("mail")->gr_gid);
}

TEST(Door, NamesWhatIsWrongWithItsSettings) {
    const temporary_folder folder;
    zmq::context_t context;
    const auto what = [&](const std::string& endpoint, const std::string& group) {
        settings_file settings;
        settings.engine.endpoint = endpoint;
        settings.engine.socket_group = group;
        const auto door = open_ipc_door(context, settings);
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
