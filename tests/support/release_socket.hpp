// The real ie-release behind a socket in a folder of the test's, started by
// systemd-socket-activate as ie-release.socket does, with the fake Exim of fake_exim.py.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/support/temporary_folder.hpp"

extern char** environ;

namespace ie::testing {

class release_socket {
  public:
    release_socket() {
        std::filesystem::copy(IE_SOURCE_DIR "/tests/support/fake_exim.py", exim());
        listen(exim());
    }
    ~release_socket() { close(); }

    std::string path() const { return folder_.path("release.sock"); }
    std::string exim() const { return folder_.path("exim"); }
    const temporary_folder& folder() const { return folder_; }
    void behave(const std::string& how) { folder_.write("behave", how); }

    // Nobody listens any more, and nothing that was started still runs.
    void close() {
        if (group_ <= 0) return;
        ::kill(-group_, SIGKILL);
        ::waitpid(group_, nullptr, 0);
        group_ = -1;
        std::filesystem::remove(path());
    }

    void listen(const std::string& exim) {
        close();
        const std::string config = folder_.write("ie.toml", "[courier]\nexim = \"" + exim + "\"\n");
        std::vector<std::string> line{"/usr/bin/systemd-socket-activate",
                                      "--accept",
                                      "--inetd",
                                      "--listen=" + path(),
                                      IE_RELEASE_PROGRAM,
                                      "--config",
                                      config};
        std::vector<char*> argv;
        for (auto& each : line) argv.push_back(each.data());
        argv.push_back(nullptr);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, 2, folder_.path("log").c_str(),
                                         O_WRONLY | O_CREAT | O_APPEND, 0600);
        EXPECT_EQ(::posix_spawn(&group_, argv[0], &files, &attributes, argv.data(), environ), 0)
            << argv[0] << " is missing: tools/setup";
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
        for (int i = 0; i < 60'000 && !answers(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        EXPECT_TRUE(answers());
    }

  private:
    bool answers() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path);
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto* at = reinterpret_cast<const sockaddr*>(&address);
        const bool connected = ::connect(socket, at, sizeof address) == 0;
        ::close(socket);
        return connected;
    }

    const temporary_folder folder_;
    pid_t group_ = -1;
};

}  // namespace ie::testing
