// libcurl's multi interface, driven by poll(2). curl_multi_perform would look at each transfer in
// each turn, at two system calls apiece; here only those are touched that something happened to.
// For one thread, but for wake().
#pragma once

#include <curl/curl.h>
#include <poll.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace ie {

class curl_multi {
  public:
    struct finished {
        CURL* handle = nullptr;
        CURLcode code = CURLE_OK;
    };

    explicit curl_multi(uint32_t kept_connections_max);
    ~curl_multi();  // the handles must have been removed
    curl_multi(const curl_multi&) = delete;
    curl_multi& operator=(const curl_multi&) = delete;

    void add(CURL* handle);
    void remove(CURL* handle);

    // Does what there is to do, and returns; see next_finished().
    void perform();
    // Returns once there is something to do, or after that time.
    void wait(int timeout_ms);
    // Ends a wait(), also one that has yet to begin. Thread-safe.
    void wake() const;

    // A transfer that has ended and hasn't been told of yet.
    std::optional<finished> next_finished();

  private:
    static int on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* unused);
    static int on_timer(CURLM* multi, long timeout_ms, void* self);
    void watch(curl_socket_t socket, int what);
    void act(curl_socket_t socket, int what);
    int time_left_ms() const;

    CURLM* multi_;
    int wake_event_;
    std::vector<pollfd> watched_;  // the first is wake_event_
    std::vector<pollfd> ready_;    // what the last wait() found
    int64_t due_at_ms_ = -1;       // when libcurl wants to be called, by steady_now_ms(); -1: never
};

}  // namespace ie
