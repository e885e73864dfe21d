#include "actors/scanner/curl_multi.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "config/log.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

short events_of(int what) {
    switch (what) {
        case CURL_POLL_IN:
            return POLLIN;
        case CURL_POLL_OUT:
            return POLLOUT;
        case CURL_POLL_INOUT:
            return POLLIN | POLLOUT;
        default:
            return 0;
    }
}

int action_of(short events) {
    int action = 0;
    if ((events & (POLLIN | POLLHUP)) != 0) action |= CURL_CSELECT_IN;
    if ((events & POLLOUT) != 0) action |= CURL_CSELECT_OUT;
    if ((events & (POLLERR | POLLNVAL)) != 0) action |= CURL_CSELECT_ERR;
    return action;
}

}  // namespace

curl_multi::curl_multi(uint32_t kept_connections_max)
    : multi_(curl_multi_init()), wake_event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    ensure(multi_ != nullptr && wake_event_ >= 0, "curl_multi_init failed");
    watched_.push_back({wake_event_, POLLIN, 0});
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(kept_connections_max));
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_multi::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_multi::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

curl_multi::~curl_multi() {
    curl_multi_cleanup(multi_);
    close(wake_event_);
}

void curl_multi::add(CURL* handle) {
    const CURLMcode code = curl_multi_add_handle(multi_, handle);
    ensure(code == CURLM_OK, curl_multi_strerror(code));
}

void curl_multi::remove(CURL* handle) {
    curl_multi_remove_handle(multi_, handle);
}

void curl_multi::perform() {
    for (const pollfd& each : std::exchange(ready_, {})) act(each.fd, action_of(each.revents));
    if (due_at_ms_ >= 0 && time_left_ms() == 0) act(CURL_SOCKET_TIMEOUT, 0);
}

void curl_multi::wait(int timeout_ms) {
    const int left_ms = time_left_ms();
    if (left_ms >= 0) timeout_ms = std::min(timeout_ms, left_ms);
    if (poll(watched_.data(), watched_.size(), timeout_ms) <= 0) return;
    std::copy_if(watched_.begin() + 1, watched_.end(), std::back_inserter(ready_),
                 [](const pollfd& each) { return each.revents != 0; });
    uint64_t count = 0;
    if (watched_.front().revents != 0) (void)!read(wake_event_, &count, sizeof count);
}

void curl_multi::wake() const {
    const uint64_t one = 1;
    (void)!write(wake_event_, &one, sizeof one);
}

std::optional<curl_multi::finished> curl_multi::next_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        return finished{message->easy_handle, message->data.result};
    }
    return std::nullopt;
}

int curl_multi::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    static_cast<curl_multi*>(self)->watch(socket, what);
    return 0;
}

int curl_multi::on_timer(CURLM*, long timeout_ms, void* self) {
    static_cast<curl_multi*>(self)->due_at_ms_ = timeout_ms < 0 ? -1 : steady_now_ms() + timeout_ms;
    return 0;
}

void curl_multi::watch(curl_socket_t socket, int what) {
    const auto found = std::find_if(watched_.begin(), watched_.end(),
                                    [&](const pollfd& each) { return each.fd == socket; });
    if (what == CURL_POLL_REMOVE) {
        if (found == watched_.end()) return;
        *found = watched_.back();
        watched_.pop_back();
    } else if (found == watched_.end()) {
        watched_.push_back({socket, events_of(what), 0});
    } else {
        found->events = events_of(what);
    }
}

void curl_multi::act(curl_socket_t socket, int what) {
    int running = 0;
    if (socket == CURL_SOCKET_TIMEOUT) due_at_ms_ = -1;  // libcurl names the next time
    const CURLMcode code = curl_multi_socket_action(multi_, socket, what, &running);
    ensure(code == CURLM_OK, curl_multi_strerror(code));
}

int curl_multi::time_left_ms() const {
    if (due_at_ms_ < 0) return -1;
    return static_cast<int>(std::clamp<int64_t>(due_at_ms_ - steady_now_ms(), 0, 60'000));
}

}  // namespace ie
