#include "actors/courier/exim_session.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>

#include "config/system/file_handle.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// What Exim says on its standard error goes to the log of whoever started it.
constexpr const char* where_its_words_are = "; its words are in 'journalctl -t ie-release'";

error unreachable(const release_door& door, int code) {
    return fail(error_code::delivery_failed, door.socket + ": " + errno_text(code) +
                                                 "; see 'systemctl status ie-release.socket'");
}

// Waits for its turn where many want one, as long as the session may take.
outcome<file_handle> connect_to(const release_door& door) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (door.socket.size() >= sizeof address.sun_path) return unreachable(door, ENAMETOOLONG);
    door.socket.copy(address.sun_path, door.socket.size());
    file_handle socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return unreachable(door, errno);
    const timeval patience{door.timeout_ms / 1'000, (door.timeout_ms % 1'000) * 1'000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return unreachable(door, errno);
    }
    return socket;
}

class exim_session {
  public:
    exim_session(file_handle exim, const deliver_mail& request, const mail_bytes& mail)
        : exim_(std::move(exim)), dialog_(request, mail) {}

    outcome<mail_delivered> run(const std::string& first_line, int64_t end_at_ms) {
        // The buffer of a new connection takes it.
        ::send(exim_.get(), first_line.data(), first_line.size(), MSG_NOSIGNAL);
        while (!dialog_.is_over()) {
            const int64_t left_ms = end_at_ms - steady_now_ms();
            if (left_ms <= 0) {
                dialog_.abandon("Exim didn't answer in time");
            } else {
                turn(static_cast<int>(left_ms));
            }
        }
        const auto result = dialog_.result();
        if (result || !hung_up_) return result;
        return fail(result.failure().code, result.failure().what + where_its_words_are);
    }

  private:
    void turn(int timeout_ms) {
        const bool has_output = !dialog_.output().empty();
        const auto wanted = static_cast<short>(has_output ? POLLIN | POLLOUT : POLLIN);
        pollfd watched{exim_.get(), wanted, 0};
        if (::poll(&watched, 1, timeout_ms) < 0) {
            if (errno != EINTR) dialog_.abandon("poll: " + errno_text(errno));
            return;
        }
        if ((watched.revents & ~POLLOUT) != 0) read_replies();
        if ((watched.revents & POLLOUT) != 0 && !dialog_.is_over()) write_output();
    }

    void write_output() {
        const std::string_view output = dialog_.output();
        const ssize_t size =
            ::send(exim_.get(), output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size >= 0) {
            dialog_.written(static_cast<size_t>(size));
        } else if (errno != EAGAIN && errno != EINTR) {
            read_replies();  // Exim may have said why
            end();
        }
    }

    void read_replies() {
        std::array<char, 4096> block;
        const ssize_t size = ::recv(exim_.get(), block.data(), block.size(), MSG_DONTWAIT);
        if (size > 0) {
            dialog_.read({block.data(), static_cast<size_t>(size)});
        } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            end();
        }
    }

    void end() {
        hung_up_ = true;
        dialog_.read_end();
    }

    file_handle exim_;
    smtp_dialog dialog_;
    bool hung_up_ = false;  // Exim has
};

}  // namespace

outcome<mail_delivered> deliver_through_exim(const release_door& door, const deliver_mail& request,
                                             const mail_bytes& mail) {
    if (!is_uuid(request.id.value)) {
        return fail(error_code::delivery_failed, "no mail's id: " + printable(request.id.value));
    }
    const int64_t end_at_ms = steady_now_ms() + door.timeout_ms;
    auto exim = connect_to(door);
    if (!exim) return exim.failure();
    return exim_session(std::move(*exim), request, mail)
        .run("release " + request.id.value + "\n", end_at_ms);
}

}  // namespace ie
