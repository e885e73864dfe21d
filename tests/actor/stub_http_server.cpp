#include "tests/actor/stub_http_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/log.hpp"

namespace ie {
namespace {

constexpr int look_ms = 20;  // how soon the thread sees that it is to stop

size_t content_length(const std::string& head) {
    constexpr std::string_view name = "Content-Length: ";
    const size_t at = head.find(name);
    return at == head.npos ? 0 : std::stoul(head.substr(at + name.size()));
}

// The request at the start of what was received, once it is whole.
std::optional<http_request> take_request(std::string& received) {
    const size_t end = received.find("\r\n\r\n");
    if (end == received.npos) return std::nullopt;
    http_request request;
    request.head = received.substr(0, end + 2);
    const size_t size = content_length(request.head);
    if (received.size() < end + 4 + size) return std::nullopt;
    request.body = received.substr(end + 4, size);
    received.erase(0, end + 4 + size);
    return request;
}

bool send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
}

void reset_on_close(int connection) {
    const linger now{1, 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

std::string http_reply(const std::string& body, const std::string& status) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

stub_http_server::stub_http_server(answer how) : how_(std::move(how)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ensure(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "stub: bind");
    ensure(listen(listener_, 64) == 0, "stub: listen");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

stub_http_server::~stub_http_server() {
    stop();
}

void stub_http_server::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) close(listener_);
    listener_ = -1;
}

std::vector<http_request> stub_http_server::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

bool stub_http_server::wait_readable(int descriptor) const {
    while (!stopping_) {
        pollfd look{descriptor, POLLIN, 0};
        if (poll(&look, 1, look_ms) > 0) return true;
    }
    return false;
}

void stub_http_server::serve() {
    while (wait_readable(listener_)) {
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        ++connections_;
        serve_connection(connection);
        reset_on_close(connection);
        close(connection);
    }
}

void stub_http_server::serve_connection(int connection) {
    std::string received;
    char buffer[64 << 10];
    while (wait_readable(connection)) {
        const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0) return;
        received.append(buffer, static_cast<size_t>(got));
        while (auto request = take_request(received)) {
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(*request);
            }
            const auto reply = how_(*request);
            if (reply && (reply->empty() || !send_all(connection, *reply))) return;
        }
    }
}

}  // namespace ie
