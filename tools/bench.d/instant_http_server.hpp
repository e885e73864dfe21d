// An HTTP server that answers every POST at once with what Rspamd says of a harmless mail: what is
// measured against it is the client alone. One thread, epoll, keep-alive, a free port.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace ie {

class instant_http_server {
  public:
    instant_http_server();
    ~instant_http_server();
    instant_http_server(const instant_http_server&) = delete;
    instant_http_server& operator=(const instant_http_server&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  private:
    int listener_ = -1;
    int stop_event_ = -1;
    uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace ie
