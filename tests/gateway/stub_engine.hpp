// An engine that isn't one: a ROUTER on a temporary ipc path, driven by the test itself or, in a
// process of its own, answering each judge_mail until it is killed or stopped.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "gateway/client/frame_io.hpp"
#include "messages/request_context.hpp"
#include "messages/verdict.hpp"

namespace ie::testing {

// A folder of the test's own, gone with it.
class temporary_folder {
  public:
    temporary_folder() {
        std::string shape = (std::filesystem::temp_directory_path() / "ie-test-XXXXXX").string();
        path_ = mkdtemp(shape.data());
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    std::string endpoint() const { return "ipc://" + path("engine.sock"); }

  private:
    std::filesystem::path path_;
};

// Calls `step` again and again until it gives true; false once `limit_ms` are over.
inline bool within_ms(int64_t limit_ms, const std::function<bool()>& step) {
    const int64_t until = steady_now_ms() + limit_ms;
    while (!step()) {
        if (steady_now_ms() >= until) return false;
        zmq_poll(nullptr, 0, 1);
    }
    return true;
}

class stub_engine {
  public:
    struct received {
        zmq::message_t peer;
        parcel request;
    };

    explicit stub_engine(const std::string& endpoint)
        : router_(context_, zmq::socket_type::router) {
        router_.set(zmq::sockopt::linger, 0);
        router_.bind(endpoint);
    }

    std::optional<received> next(int timeout_ms) {
        zmq_pollitem_t item{router_.handle(), 0, ZMQ_POLLIN, 0};
        if (zmq_poll(&item, 1, timeout_ms) <= 0) return std::nullopt;
        auto frames = receive_frames(router_, 5);
        if (frames.size() < 4) return std::nullopt;
        received in{std::move(frames[0]), {}};
        in.request.head = *decode_head(view_of(frames[2]));
        in.request.body = view_of(frames[3]);
        if (frames.size() > 4) in.request.bytes = bytes_of(std::move(frames[4]));
        return in;
    }

    template <message T>
    void answer(const received& to, const T& value, mail_bytes bytes = {}) {
        auto frames = frames_of(make_parcel(value, to.request.head.request_id, 0, bytes));
        zmq::message_t peer;
        peer.copy(const_cast<zmq::message_t&>(to.peer));
        frames.insert(frames.begin(), std::move(peer));
        send_frames(router_, frames);
    }

  private:
    zmq::context_t context_{1};
    zmq::socket_t router_;
};

// The same in a process that may be killed and stopped. Answers only where `answers`.
class stub_process {
  public:
    stub_process(const std::string& endpoint, bool answers) : pid_(fork()) {
        if (pid_ != 0) return;
        stub_engine engine(endpoint);
        for (;;) {
            const auto in = engine.next(1'000);
            if (in && answers) engine.answer(*in, mail_verdict{});
            if (getppid() == 1) _exit(0);
        }
    }
    ~stub_process() { kill_now(); }
    stub_process(const stub_process&) = delete;
    stub_process& operator=(const stub_process&) = delete;

    void signal(int number) const { ::kill(pid_, number); }
    void kill_now() {
        if (pid_ <= 0) return;
        signal(SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    pid_t pid_;
};

}  // namespace ie::testing
