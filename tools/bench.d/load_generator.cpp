#include "tools/bench.d/load_generator.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <thread>

#include "config/log.hpp"
#include "gateway/client/frame_io.hpp"

namespace ie {
namespace {

using steady = std::chrono::steady_clock;

constexpr int queue_max = 10'000;

// The frames are built once and shared: a copy of a ZeroMQ frame counts references only.
class load_client {
  public:
    load_client(zmq::context_t& context, const load& what, std::vector<zmq::message_t>& frames)
        : socket_(context, zmq::socket_type::dealer), frames_(frames) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::sndhwm, queue_max);
        socket_.set(zmq::sockopt::rcvhwm, queue_max);
        socket_.connect(what.endpoint);
    }

    // Readable when there is news; stays so until somebody has received all of it.
    int fd() const { return socket_.get(zmq::sockopt::fd); }
    size_t in_flight() const { return sent_at_.size(); }

    void send() {
        sent_at_.push_back(steady::now());
        std::vector<zmq::message_t> copies(frames_.size());
        for (size_t i = 0; i < frames_.size(); ++i) copies[i].copy(frames_[i]);
        send_frames(socket_, copies);
    }

    // Answers come in the order of their requests only where the other side keeps it, so a time is
    // that of the oldest one: right on average, and exact with one in flight.
    size_t receive(std::vector<double>& times_us, uint64_t& refused) {
        size_t count = 0;
        for (auto frames = receive_frames(socket_, 4); !frames.empty();
             frames = receive_frames(socket_, 4)) {
            const std::chrono::duration<double, std::micro> took = steady::now() - sent_at_.front();
            sent_at_.pop_front();
            times_us.push_back(took.count());
            if (frames.size() > 1 && is_error(view_of(frames[1]))) ++refused;
            ++count;
        }
        return count;
    }

  private:
    static bool is_error(std::string_view head_frame) {
        const auto head = decode_head(head_frame);
        return head && head->name == error::name;
    }

    zmq::socket_t socket_;
    std::vector<zmq::message_t>& frames_;
    std::deque<steady::time_point> sent_at_;
};

// Whose sockets have news, at the price of those that have: zmq_poll asks every socket each time.
class news_of {
  public:
    explicit news_of(std::vector<load_client>& clients)
        : fd_(epoll_create1(EPOLL_CLOEXEC)), found_(clients.size()) {
        ensure(fd_ >= 0, "epoll");
        for (auto& each : clients) {
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.ptr = &each;
            ensure(epoll_ctl(fd_, EPOLL_CTL_ADD, each.fd(), &wanted) == 0, "epoll");
        }
    }
    ~news_of() { close(fd_); }
    news_of(const news_of&) = delete;
    news_of& operator=(const news_of&) = delete;

    std::vector<load_client*> wait() {
        const int count = epoll_wait(fd_, found_.data(), static_cast<int>(found_.size()), -1);
        std::vector<load_client*> out;
        for (int i = 0; i < count; ++i) {
            out.push_back(static_cast<load_client*>(found_[static_cast<size_t>(i)].data.ptr));
        }
        return out;
    }

  private:
    const int fd_;
    std::vector<epoll_event> found_;
};

double percentile(std::vector<double>& values, double part) {
    if (values.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<size_t>(at)];
}

}  // namespace

load_result run_load(const load& what) {
    zmq::context_t context(1);
    std::vector<zmq::message_t> frames(1);  // the delimiter
    for (const auto& each : what.frames) frames.push_back(frame_of(std::string_view(each)));
    std::vector<load_client> clients;
    clients.reserve(what.clients);
    for (size_t i = 0; i < what.clients; ++i) clients.emplace_back(context, what, frames);
    news_of news(clients);

    load_result result;
    std::vector<double> times_us;
    const auto begun = steady::now();
    const auto end = begun + std::chrono::milliseconds(what.duration_ms);
    for (auto& each : clients) {
        for (size_t i = 0; i < what.in_flight; ++i) each.send();
    }
    for (size_t waiting = what.clients * what.in_flight; waiting > 0;) {
        const auto with_news = news.wait();
        const bool go_on = steady::now() < end;
        for (auto* client : with_news) {
            // Until nothing came: sending takes the news of what came meanwhile, too.
            for (size_t count = client->receive(times_us, result.refused); count > 0;
                 count = client->receive(times_us, result.refused)) {
                waiting -= go_on ? 0 : count;
                for (size_t n = 0; go_on && n < count; ++n) client->send();
            }
        }
    }
    const std::chrono::duration<double> took = steady::now() - begun;
    result.answers = times_us.size();
    result.answers_a_second = static_cast<double>(result.answers) / took.count();
    result.p50_us = percentile(times_us, 0.50);
    result.p99_us = percentile(times_us, 0.99);
    return result;
}

struct echo_server::state {
    zmq::context_t context{1};
    zmq::socket_t router{context, zmq::socket_type::router};
    std::atomic<bool> stopping = false;
    std::thread thread;

    void run() {
        constexpr int wake_ms = 50;
        zmq_pollitem_t item{router.handle(), 0, ZMQ_POLLIN, 0};
        while (!stopping) {
            if (zmq_poll(&item, 1, wake_ms) <= 0) continue;
            for (auto frames = receive_frames(router, 8); !frames.empty();
                 frames = receive_frames(router, 8)) {
                send_frames(router, frames);
            }
        }
    }
};

echo_server::echo_server(const std::string& endpoint) : state_(std::make_unique<state>()) {
    state_->router.set(zmq::sockopt::linger, 0);
    state_->router.set(zmq::sockopt::sndhwm, queue_max);
    state_->router.set(zmq::sockopt::rcvhwm, queue_max);
    state_->router.bind(endpoint);
    state_->thread = std::thread([this] { state_->run(); });
}

echo_server::~echo_server() {
    state_->stopping = true;
    state_->thread.join();
}

}  // namespace ie
