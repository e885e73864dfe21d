// A client that speaks ZMTP 3.0 (ZeroMQ RFC 23) by hand over a Unix socket, so that it may lie in
// its handshake, fall silent in the middle of it, or call as another uid within this process.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ie::testing {

class raw_client {
  public:
    explicit raw_client(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~raw_client() {
        if (fd_ >= 0) close(fd_);
    }
    raw_client(raw_client&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
    raw_client& operator=(raw_client&& other) noexcept {
        std::swap(fd_, other.fd_);
        std::swap(connected_, other.connected_);
        return *this;
    }
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;

    bool connected() const { return connected_; }

    // Greeting and READY with these properties, and waits for the other side's.
    void shake_hands(const std::vector<std::pair<std::string, std::string>>& properties) {
        begin_handshake(properties);
        read_until("READY");
    }

    void begin_handshake(const std::vector<std::pair<std::string, std::string>>& properties) {
        std::string greeting(64, '\0');
        greeting[0] = '\xff';
        greeting[9] = '\x7f';
        greeting[10] = 3;
        greeting.replace(12, 4, "NULL");
        std::string ready = "\x05READY";
        for (const auto& [name, value] : properties) {
            ready += static_cast<char>(name.size()) + name + std::string(3, '\0') +
                     static_cast<char>(value.size()) + value;
        }
        write_all(greeting + '\x04' + static_cast<char>(ready.size()) + ready);
    }

    // Frames of fewer than 256 bytes.
    void send(const std::vector<std::string>& frames) {
        std::string out;
        for (size_t i = 0; i < frames.size(); ++i) {
            out += i + 1 < frames.size() ? '\x01' : '\0';
            out += static_cast<char>(frames[i].size()) + frames[i];
        }
        write_all(out);
    }

    // False where the other side has gone, or takes nothing for ten seconds.
    bool write_all(const std::string& bytes) {
        const timeval limit{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        for (size_t at = 0; at < bytes.size();) {
            const ssize_t sent = ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return false;
            at += static_cast<size_t>(sent);
        }
        return true;
    }

    // What goes without waiting.
    size_t write_some(const std::string& bytes) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return sent < 0 ? 0 : static_cast<size_t>(sent);
    }

    // Whether the other side has ended it; what came before is read away. Doesn't wait.
    bool has_ended() const {
        char part[4096];
        for (;;) {
            const ssize_t size = recv(fd_, part, sizeof part, MSG_DONTWAIT);
            if (size > 0) continue;
            return size == 0 || errno != EAGAIN;
        }
    }

    // What comes until it holds `wanted` or the connection ends; bounded in time.
    std::string read_until(const std::string& wanted) const {
        const timeval limit{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        std::string in;
        char part[4096];
        while (in.find(wanted) == std::string::npos) {
            const ssize_t size = recv(fd_, part, sizeof part, 0);
            if (size <= 0) break;
            in.append(part, static_cast<size_t>(size));
        }
        return in;
    }

  private:
    int fd_;
    bool connected_ = false;
};

// Runs `what` in a thread that has this uid, while the process keeps its own (Linux knows
// credentials by thread; it is glibc that spreads them).
template <class What>
void as_uid(uid_t uid, What what) {
    std::thread thread([&] {
        if (syscall(SYS_setgroups, 0, nullptr) == 0 && syscall(SYS_setresgid, uid, uid, uid) == 0 &&
            syscall(SYS_setresuid, uid, uid, uid) == 0) {
            what();
        } else {
            ADD_FAILURE() << "can't become uid " << uid;
        }
    });
    thread.join();
}

}  // namespace ie::testing
