// An HTTP server on a free port of this machine that behaves as well or as badly as a test wants.
// One thread, one connection at a time.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace ie {

struct http_request {
    std::string head;
    std::string body;
};

class stub_http_server {
  public:
    // What to send back as it stands; empty: hang up; nothing: keep silent.
    using answer = std::function<std::optional<std::string>(const http_request&)>;

    explicit stub_http_server(answer how);
    ~stub_http_server();
    stub_http_server(const stub_http_server&) = delete;
    stub_http_server& operator=(const stub_http_server&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::vector<http_request> requests() const;
    size_t connection_count() const { return connections_; }

    // Ends it as a crash would: the port refuses, open connections are reset.
    void stop();

  private:
    void serve();
    void serve_connection(int connection);
    bool wait_readable(int descriptor) const;

    answer how_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<size_t> connections_ = 0;
    mutable std::mutex mutex_;
    std::vector<http_request> requests_;
    std::thread thread_;
};

std::string http_reply(const std::string& body, const std::string& status = "200 OK");

}  // namespace ie
