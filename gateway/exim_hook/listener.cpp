#include "gateway/exim_hook/listener.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr mode_t socket_mode = 0660;
constexpr mode_t lock_mode = 0600;
constexpr int backlog = 1'024;

error failed(const std::string& path) {
    return fail(error_code::storage_failed, path + ": " + errno_text(errno));
}

outcome<file_handle> take_lock(const std::string& path) {
    file_handle lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, lock_mode));
    if (!lock) return failed(path);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return failed(path);
    return fail(error_code::conflict, path + ": another hook runs here");
}

// Removes what an earlier hook left. Anything but a socket stays, and is named.
outcome<nothing> remove_stale(const std::string& path) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) {
        if (errno == ENOENT) return nothing{};
        return failed(path);
    }
    if (!S_ISSOCK(about.st_mode)) return fail(error_code::conflict, path + ": is not a socket");
    if (::unlink(path.c_str()) != 0) return failed(path);
    return nothing{};
}

outcome<file_handle> listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return fail(error_code::bad_request, path + ": not a path that a socket can have");
    }
    path.copy(address.sun_path, path.size());
    file_handle made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made) return failed(path);
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(made.get(), at, sizeof address) != 0) return failed(path);
    // Nobody can connect before listen(), so there is no moment with another mode.
    if (::chmod(path.c_str(), socket_mode) != 0) return failed(path);
    if (::listen(made.get(), backlog) != 0) return failed(path);
    return made;
}

}  // namespace

outcome<listener> listener::open(const std::string& path) {
    listener made;
    auto lock = take_lock(path + ".lock");
    if (!lock) return lock.failure();
    made.lock_ = std::move(*lock);
    if (const auto removed = remove_stale(path); !removed) return removed.failure();
    auto bound = listen_at(path);
    if (!bound) return bound.failure();
    made.socket_ = std::move(*bound);
    made.path_ = path;
    return made;
}

listener::~listener() {
    if (socket_) ::unlink(path_.c_str());
}

outcome<listener::visitor> listener::accept() const {
    file_handle connection;
    do {
        connection =
            file_handle(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    } while (!connection && (errno == EINTR || errno == ECONNABORTED));
    if (!connection) {
        const bool nobody = errno == EAGAIN || errno == EWOULDBLOCK;
        return fail(nobody ? error_code::not_found : error_code::unavailable,
                    path_ + ": " + errno_text(errno));
    }
    ucred peer{};
    socklen_t size = sizeof peer;
    const bool known = ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    const bool welcome = known && (peer.uid == 0 || peer.uid == ::geteuid());
    return visitor{std::move(connection), peer.uid, welcome};
}

}  // namespace ie
