// What tests of the gateway need: an endpoint of their own, waiting with a bound, another process.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <functional>

#include "messages/request_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::testing {

inline constexpr int64_t soon_ms = 30'000;  // generous: a test machine may be busy

// Where an engine listens that is the test's own.
inline std::string endpoint_in(const temporary_folder& folder) {
    return "ipc://" + folder.path("engine.sock");
}

// Calls `step` again and again until it gives true; false once `limit_ms` are over.
inline bool within_ms(int64_t limit_ms, const std::function<bool()>& step) {
    const int64_t until = steady_now_ms() + limit_ms;
    while (!step()) {
        if (steady_now_ms() >= until) return false;
        zmq_poll(nullptr, 0, 1);
    }
    return true;
}

// gateway_helper with these arguments; its standard output can be read.
class helper_process {
  public:
    explicit helper_process(std::vector<std::string> arguments) {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
        output_ = ends[0];
        arguments.insert(arguments.begin(), IE_GATEWAY_HELPER);
        std::vector<char*> argv;
        for (auto& each : arguments) argv.push_back(each.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        EXPECT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
    }
    ~helper_process() {
        kill_now();
        close(output_);
    }
    helper_process(const helper_process&) = delete;
    helper_process& operator=(const helper_process&) = delete;

    void signal(int number) const { ::kill(pid_, number); }
    void kill_now() {
        if (pid_ <= 0) return;
        signal(SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

    // All that it prints until it ends.
    std::string read_all() const {
        std::string out;
        std::array<char, 4096> part{};
        for (ssize_t size = 0; (size = read(output_, part.data(), part.size())) > 0;) {
            out.append(part.data(), static_cast<size_t>(size));
        }
        return out;
    }

  private:
    pid_t pid_ = 0;
    int output_ = -1;
};

}  // namespace ie::testing
