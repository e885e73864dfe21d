// What systemd is to a service: a datagram socket, named in the environment of this process while
// it lives, that hears what the service says of itself.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace ie::testing {

class notice_socket {
  public:
    // `path` may begin with '@': an abstract one. `watchdog_us` as in WATCHDOG_USEC; empty: none.
    explicit notice_socket(const std::string& path, const std::string& watchdog_us = "") {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path);
        if (path.starts_with('@')) address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        if (!watchdog_us.empty()) ::setenv("WATCHDOG_USEC", watchdog_us.c_str(), 1);
    }
    ~notice_socket() {
        ::close(socket_);
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
    }
    notice_socket(const notice_socket&) = delete;
    notice_socket& operator=(const notice_socket&) = delete;

    // Empty where nothing comes within that time.
    std::string hear(int timeout_ms) const {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, timeout_ms) != 1) return {};
        char text[4'096];
        const ssize_t size = ::recv(socket_, text, sizeof text, 0);
        return {text, static_cast<size_t>(size < 0 ? 0 : size)};
    }

  private:
    int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace ie::testing
