#include "gateway/doors/listening_socket.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view ipc_scheme = "ipc://";
constexpr int backlog = 4'096;  // clients that wait to be let in; the kernel has its bound
constexpr mode_t closed_folder_mode = 0750;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

file_handle make_socket() {
    return file_handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// True where somebody takes connections at that path.
bool somebody_listens(const std::string& path) {
    const sockaddr_un address = address_of(path);
    const file_handle probe = make_socket();
    if (!probe) return false;
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    // EAGAIN: its backlog is full
    return ::connect(probe.get(), at, sizeof address) == 0 || errno == EAGAIN;
}

outcome<nothing> make_closed_folder(const socket_place& place, const std::string& folder) {
    struct stat above {};
    const auto parent = std::filesystem::path(folder).parent_path().string();
    if (::stat(parent.c_str(), &above) != 0 || ::mkdir(folder.c_str(), closed_folder_mode) != 0) {
        return fail(error_code::storage_failed,
                    place.setting + ": " + folder + ": " + errno_text(errno));
    }
    if (::chown(folder.c_str(), static_cast<uid_t>(-1), above.st_gid) != 0 ||
        ::chmod(folder.c_str(), closed_folder_mode) != 0) {
        const auto failed = fail(error_code::storage_failed, folder + ": " + errno_text(errno));
        ::rmdir(folder.c_str());  // the next start would take it for made
        return failed;
    }
    return nothing{};
}

outcome<nothing> check_folder(const socket_place& place, const std::string& path) {
    struct stat found {};
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const std::string folder = parent.empty() ? "." : parent;
    const bool is_there = ::stat(folder.c_str(), &found) == 0;
    if (!is_there && place.closed_folder) return make_closed_folder(place, folder);
    if (!is_there || !S_ISDIR(found.st_mode)) {
        return fail(error_code::storage_failed,
                    place.setting + ": " + folder + ": " + errno_text(ENOTDIR));
    }
    if (place.closed_folder && (found.st_mode & S_IRWXO) != 0) {
        return fail(error_code::bad_request,
                    place.setting + ": others may enter " + folder + "; chmod o= " + folder);
    }
    return nothing{};
}

outcome<nothing> remove_stale(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return nothing{};
    if (!S_ISSOCK(found.st_mode)) {
        return fail(error_code::conflict, path + " is there and isn't a socket");
    }
    if (somebody_listens(path)) {
        return fail(error_code::conflict, "another engine listens on " + path);
    }
    if (::unlink(path.c_str()) == 0) return nothing{};
    return fail(error_code::storage_failed, path + ": " + errno_text(errno));
}

outcome<nothing> set_owner(const std::string& path, const socket_place& place) {
    gid_t group_id = static_cast<gid_t>(-1);  // unchanged
    if (!place.group.empty()) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): at start, when nobody else looks groups up
        const group* found = getgrnam(place.group.c_str());
        if (found == nullptr) {
            return fail(error_code::bad_request,
                        "engine.socket_group: there is no group " + place.group);
        }
        group_id = found->gr_gid;
    }
    if (::chown(path.c_str(), static_cast<uid_t>(-1), group_id) == 0 &&
        ::chmod(path.c_str(), place.mode) == 0) {
        return nothing{};
    }
    return fail(error_code::storage_failed, path + ": " + errno_text(errno));
}

}  // namespace

outcome<listening_socket> listening_socket::open(const socket_place& place) {
    if (!place.endpoint.starts_with(ipc_scheme)) {
        return fail(error_code::bad_request, place.setting + ": must begin with ipc://");
    }
    const std::string path = place.endpoint.substr(ipc_scheme.size());
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
        return fail(error_code::bad_request,
                    place.setting + ": a path of 1 to 107 characters: " + path);
    }
    if (const auto good = check_folder(place, path); !good) return good.failure();
    if (const auto gone = remove_stale(path); !gone) return gone.failure();
    const sockaddr_un address = address_of(path);
    listening_socket made;
    made.socket_ = make_socket();
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    if (!made.socket_ || ::bind(made.fd(), at, sizeof address) != 0) {
        return fail(error_code::storage_failed, place.endpoint + ": " + errno_text(errno));
    }
    made.path_ = path;
    // Nobody can connect before listen(), so there is no moment with another mode.
    if (const auto set = set_owner(path, place); !set) return set.failure();
    if (::listen(made.fd(), backlog) == 0) return made;
    return fail(error_code::storage_failed, place.endpoint + ": " + errno_text(errno));
}

listening_socket::~listening_socket() {
    if (socket_ && !path_.empty()) ::unlink(path_.c_str());
}

outcome<std::optional<listening_socket::visitor>> listening_socket::accept() const {
    constexpr int passed_over_max = 16;  // in one call; epoll tells of the next
    for (int i = 0; i < passed_over_max; ++i) {
        file_handle socket(::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        ucred peer{};
        socklen_t size = sizeof peer;
        if (socket && ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
            return std::optional<visitor>(visitor{std::move(socket), peer.uid});
        }
        if (socket) continue;
        const int why = errno;
        switch (accept_error_of(why)) {
            case accept_error::client_gone:
                continue;
            case accept_error::none_waits:
                return std::optional<visitor>{};
            case accept_error::short_of_room:
                return fail(error_code::busy, path_ + ": " + errno_text(why));
            case accept_error::other:
                return fail(error_code::internal, path_ + ": " + errno_text(why));
        }
    }
    return std::optional<visitor>{};
}

accept_error accept_error_of(int system_error) {
    switch (system_error) {
        case EAGAIN:
            return accept_error::none_waits;
        case EINTR:
        case ECONNABORTED:
        case EPROTO:
        case EPERM:
            return accept_error::client_gone;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            return accept_error::short_of_room;
        default:
            return accept_error::other;
    }
}

}  // namespace ie
