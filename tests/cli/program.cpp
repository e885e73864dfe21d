#include "tests/cli/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "messages/request_context.hpp"

namespace ie::testing {
namespace {

constexpr int64_t deadline_ms = 60'000;  // of anything: a machine under load is slow

struct ends {
    int ours = -1;
    int theirs = -1;
};

ends make_pipe(bool we_read) {
    int both[2] = {-1, -1};
    if (::pipe2(both, O_CLOEXEC) != 0) return {};
    return we_read ? ends{both[0], both[1]} : ends{both[1], both[0]};
}

ends make_terminal() {
    const int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ours < 0 || ::grantpt(ours) != 0 || ::unlockpt(ours) != 0) return {};
    char name[64];
    if (::ptsname_r(ours, name, sizeof name) != 0) return {};
    return {ours, ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)};
}

ends make(stream kind, bool we_read) {
    return kind == stream::pipe ? make_pipe(we_read) : make_terminal();
}

std::vector<std::string> environment_of(const start_options& options) {
    const char* path = std::getenv("PATH");
    std::map<std::string, std::string> all{
        {"PATH", std::string(IE_BIN_DIR ":") + (path == nullptr ? "/usr/bin:/bin" : path)},
        {"LANG", "C.UTF-8"},
        {"IE_CONFIG", "/nonexistent/imunifyemail.toml"},
        {"HOME", "/nonexistent"},
    };
    if (const char* sanitizer = std::getenv("TSAN_OPTIONS")) all["TSAN_OPTIONS"] = sanitizer;
    for (const auto& [name, value] : options.environment) all[name] = value;
    std::vector<std::string> out;
    for (const auto& [name, value] : all) out.push_back(name + "=" + value);
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
}

}  // namespace

process::process(const std::vector<std::string>& command, const start_options& options)
    : input_(options.input), types_(options.keyboard == stream::terminal) {
    const ends in = make(options.keyboard, false);
    const ends out = make(options.output, true);
    const ends err = make(options.errors, true);
    auto words = command;
    auto settings = environment_of(options);
    const auto arguments = pointers(words);
    const auto environment = pointers(settings);
    std::string program = words.front();
    if (program.find('/') == program.npos &&
        ::access((IE_BIN_DIR "/" + program).c_str(), X_OK) == 0)
        program = IE_BIN_DIR "/" + program;
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(in.theirs, STDIN_FILENO);
        ::dup2(out.theirs, STDOUT_FILENO);
        ::dup2(err.theirs, STDERR_FILENO);
        if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
        ::execvpe(program.c_str(), arguments.data(), environment.data());
        ::_exit(127);
    }
    for (int fd : {in.theirs, out.theirs, err.theirs}) close(fd);
    input_fd_ = in.ours;
    output_fd_ = out.ours;
    errors_fd_ = err.ours;
    ::fcntl(input_fd_, F_SETFL, O_NONBLOCK);
    ::signal(SIGPIPE, SIG_IGN);
}

process::~process() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    for (int* fd : {&input_fd_, &output_fd_, &errors_fd_}) close(*fd);
}

void process::feed() {
    if (!input_.empty()) {
        const ssize_t size = ::write(input_fd_, input_.data(), input_.size());
        if (size < 0 && errno == EAGAIN) return;
        input_.erase(0, size < 0 ? input_.size() : static_cast<size_t>(size));
    }
    if (input_.empty() && !types_) close(input_fd_);
}

// False once both streams have ended, or nothing happened in that time.
bool process::read_some(int wait_ms) {
    if (output_fd_ < 0 && errors_fd_ < 0) return false;
    const int feed_fd = types_ && input_.empty() ? -1 : input_fd_;
    pollfd waiting[] = {{output_fd_, POLLIN, 0}, {errors_fd_, POLLIN, 0}, {feed_fd, POLLOUT, 0}};
    if (::poll(waiting, 3, wait_ms) <= 0) return false;
    if (waiting[2].revents != 0) feed();
    const auto take = [](const pollfd& from, int& fd, std::string& text) {
        if (from.revents == 0) return;
        char block[16 << 10];
        const ssize_t size = ::read(fd, block, sizeof block);
        if (size > 0) text.append(block, static_cast<size_t>(size));
        if (size <= 0) close(fd);  // a terminal whose other end is closed says EIO
    };
    take(waiting[0], output_fd_, so_far_.output);
    take(waiting[1], errors_fd_, so_far_.errors);
    return true;
}

bool process::says(const std::string& text) {
    const int64_t until_ms = steady_now_ms() + deadline_ms;
    while (so_far_.output.find(text) == std::string::npos) {
        const int64_t left = until_ms - steady_now_ms();
        if (left <= 0 || !read_some(static_cast<int>(left))) return false;
    }
    return true;
}

result process::wait() {
    const int64_t until_ms = steady_now_ms() + deadline_ms;
    while (output_fd_ >= 0 || errors_fd_ >= 0) {
        const int64_t left = until_ms - steady_now_ms();
        if (left <= 0 || !read_some(static_cast<int>(left))) break;
    }
    int status = 0;
    if (output_fd_ >= 0 || errors_fd_ >= 0) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    so_far_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return so_far_;
}

result run(const std::vector<std::string>& command, const start_options& options) {
    return process(command, options).wait();
}

}  // namespace ie::testing
