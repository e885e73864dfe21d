#include "tools/bench.d/instant_http_server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <unordered_map>

#include "config/log.hpp"

namespace ie {
namespace {

constexpr std::string_view body =
    R"({"is_skipped":false,"score":1.600000,"required_score":15.0,"action":"no action",)"
    R"("symbols":{"MIME_GOOD":{"name":"MIME_GOOD","score":-0.1,"metric_score":-0.1,)"
    R"("description":"Known content-type","options":["text/plain"]},"MIME_TRACE":)"
    R"({"name":"MIME_TRACE","score":0.0,"metric_score":0.0,"options":["0:+"]},)"
    R"("RCPT_COUNT_ONE":{"name":"RCPT_COUNT_ONE","score":0.0,"metric_score":0.0,)"
    R"("description":"One recipient","options":["1"]}},"messages":{},"urls":["example.com"],)"
    R"("emails":[],"message-id":"1@alice.test","time_real":0.003713})";

const std::string& reply() {
    static const std::string text =
        "HTTP/1.1 200 OK\r\nServer: instant\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    return text;
}

// Where a connection is in its request.
struct connection_state {
    std::string head;      // received so far; empty while in the body
    size_t body_left = 0;  // bytes still to come
};

size_t content_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const size_t at = head.find(name);
    size_t size = 0;
    if (at != head.npos) {
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), size);
    }
    return size;
}

// How many requests end in what was received.
size_t take(connection_state& state, std::string_view received) {
    size_t ended = 0;
    while (!received.empty()) {
        if (state.body_left > 0) {
            const size_t part = std::min(state.body_left, received.size());
            state.body_left -= part;
            received.remove_prefix(part);
            ended += state.body_left == 0;
            continue;
        }
        const size_t before = state.head.size();
        state.head.append(received);
        const size_t end = state.head.find("\r\n\r\n");
        if (end == state.head.npos) return ended;
        received.remove_prefix(end + 4 - before);
        state.body_left = content_length(std::string_view(state.head).substr(0, end + 2));
        ended += state.body_left == 0;
        state.head.clear();
    }
    return ended;
}

class server_loop {
  public:
    server_loop(int listener, int stop_event)
        : listener_(listener), stop_event_(stop_event), poll_(epoll_create1(EPOLL_CLOEXEC)) {
        watch(listener_);
        watch(stop_event_);
    }
    ~server_loop() {
        for (const auto& [descriptor, state] : connections_) close(descriptor);
        close(poll_);
    }
    server_loop(const server_loop&) = delete;
    server_loop& operator=(const server_loop&) = delete;

    void run() {
        epoll_event events[64];
        for (;;) {
            const int count = epoll_wait(poll_, events, 64, -1);
            for (int i = 0; i < count; ++i) {
                const int descriptor = events[i].data.fd;
                if (descriptor == stop_event_) return;
                if (descriptor == listener_) {
                    welcome();
                } else {
                    serve(descriptor);
                }
            }
        }
    }

  private:
    void watch(int descriptor) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event);
    }
    void welcome() {
        const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0) return;
        const int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections_[descriptor] = {};
        watch(descriptor);
    }
    void serve(int descriptor) {
        const ssize_t got = recv(descriptor, buffer_, sizeof buffer_, 0);
        if (got <= 0) {
            close(descriptor);
            connections_.erase(descriptor);
            return;
        }
        const std::string_view received(buffer_, static_cast<size_t>(got));
        for (size_t left = take(connections_[descriptor], received); left > 0; --left) {
            send(descriptor, reply().data(), reply().size(), MSG_NOSIGNAL);
        }
    }

    int listener_;
    int stop_event_;
    int poll_;
    std::unordered_map<int, connection_state> connections_;
    char buffer_[64 << 10];
};

}  // namespace

instant_http_server::instant_http_server()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_event_(eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ensure(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind failed");
    ensure(listen(listener_, 512) == 0, "listen failed");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { server_loop(listener_, stop_event_).run(); });
}

instant_http_server::~instant_http_server() {
    const uint64_t one = 1;
    (void)!write(stop_event_, &one, sizeof one);
    thread_.join();
    close(listener_);
    close(stop_event_);
}

}  // namespace ie
