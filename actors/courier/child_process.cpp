#include "actors/courier/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "messages/text.hpp"

namespace ie {
namespace {

void close_fd(int& fd) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
}

// Both ends close on exec: what the child gets is a copy.
struct pipe_pair {
    int read_end = -1;
    int write_end = -1;

    pipe_pair() = default;
    pipe_pair(const pipe_pair&) = delete;
    pipe_pair& operator=(const pipe_pair&) = delete;
    ~pipe_pair() {
        close_fd(read_end);
        close_fd(write_end);
    }
    bool open() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        read_end = ends[0];
        write_end = ends[1];
        return true;
    }
};

// Standard streams, default signals, nothing blocked.
class spawn_plan {
  public:
    spawn_plan(int input, int output, int errors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~spawn_plan() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;

    // Returns an errno.
    int run(pid_t& pid, const std::vector<std::string>& arguments) const {
        std::vector<char*> argv;
        argv.reserve(arguments.size() + 1);
        for (const auto& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
        argv.push_back(nullptr);
        std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        std::array<char*, 2> environment{path.data(), nullptr};
        return posix_spawn(&pid, argv[0], &actions_, &attributes_, argv.data(), environment.data());
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

void set_nonblocking(int fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

error start_error(const std::string& program, int code) {
    return fail(error_code::delivery_failed, "can't run " + program + ": " + errno_text(code));
}

sigset_t broken_pipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    return signals;
}

}  // namespace

outcome<child_process> child_process::start(const std::vector<std::string>& arguments) {
    pipe_pair input;
    pipe_pair output;
    pipe_pair errors;
    if (!input.open() || !output.open() || !errors.open()) return start_error(arguments[0], errno);
    child_process child;
    const spawn_plan plan(input.read_end, output.write_end, errors.write_end);
    const int failed = plan.run(child.pid_, arguments);
    if (failed != 0) {
        child.pid_ = -1;
        return start_error(arguments[0], failed);
    }
    child.input_ = std::exchange(input.write_end, -1);
    child.output_ = std::exchange(output.read_end, -1);
    child.errors_ = std::exchange(errors.read_end, -1);
    for (const int fd : {child.input_, child.output_, child.errors_}) set_nonblocking(fd);
    return child;
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)) {}

child_process::~child_process() {
    close_input();
    close_output();
    close_errors();
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void child_process::close_input() {
    close_fd(input_);
}
void child_process::close_output() {
    close_fd(output_);
}
void child_process::close_errors() {
    close_fd(errors_);
}

bool child_process::wait(int timeout_ms) {
    if (pid_ < 0) return true;
    // The library's own pidfd_open has no C++ declaration in glibc 2.36.
    int watch = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    pollfd ended{watch, POLLIN, 0};
    if (watch >= 0) ::poll(&ended, 1, timeout_ms);
    close_fd(watch);
    if (::waitpid(pid_, nullptr, WNOHANG) != pid_) return false;
    pid_ = -1;
    return true;
}

no_broken_pipe_signal::no_broken_pipe_signal() {
    const sigset_t signals = broken_pipe();
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    was_blocked_ = sigismember(&before, SIGPIPE) == 1;
}

// The signal of a write on this thread waits for this thread: it is taken before it is let through.
no_broken_pipe_signal::~no_broken_pipe_signal() {
    if (was_blocked_) return;
    const sigset_t signals = broken_pipe();
    const timespec at_once{};
    while (sigtimedwait(&signals, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace ie
