#include "config/system/service_notice.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>

namespace ie {
namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    return value == nullptr ? "" : value;
}

int64_t number(std::string_view text) {
    int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc{} && end == text.data() + text.size() ? value : 0;
}

}  // namespace

service_notice service_notice::of_environment() {
    service_notice made;
    made.socket_ = environment("NOTIFY_SOCKET");
    if (made.socket_.size() >= sizeof(sockaddr_un::sun_path)) made.socket_.clear();
    if (made.socket_.starts_with('@')) made.socket_[0] = '\0';  // an abstract one
    const auto watched = environment("WATCHDOG_PID");
    if (watched.empty() || number(watched) == getpid()) {
        made.watchdog_ms_ = number(environment("WATCHDOG_USEC")) / 1'000;
    }
    return made;
}

void service_notice::tell(std::string_view state) const {
    if (socket_.empty()) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, socket_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const int sending = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sending < 0) return;
    (void)::sendto(sending, state.data(), state.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&address), size);
    ::close(sending);
}

}  // namespace ie
