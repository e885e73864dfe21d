#include "config/system/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "messages/text.hpp"

extern char** environ;

namespace ie {
namespace {

error failed(const program_call& call, const std::string& why) {
    return fail(error_code::unavailable, command_text(call) + ": " + why);
}

int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// A file in memory to read the input from: a program that doesn't read it breaks no pipe. -1: none.
int input_file(const std::string& input) {
    const int file = ::memfd_create("input", MFD_CLOEXEC);
    if (file < 0) return -1;
    const bool all =
        ::write(file, input.data(), input.size()) == static_cast<ssize_t>(input.size());
    if (all && ::lseek(file, 0, SEEK_SET) == 0) return file;
    ::close(file);
    return -1;
}

// 0, or the errno of why not.
int start(const program_call& call, int input, int output, pid_t& child) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    std::vector<std::string> copies = call.arguments;
    std::vector<char*> arguments;
    for (auto& each : copies) arguments.push_back(each.data());
    arguments.push_back(nullptr);
    const int refused =
        ::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return refused;
}

// All that is said until the end. Fails: unavailable.
outcome<std::string> read_all(const program_call& call, int from) {
    const int64_t until_ms = now_ms() + call.timeout_ms;
    std::string text;
    for (;;) {
        pollfd waiting{from, POLLIN, 0};
        const int64_t left = until_ms - now_ms();
        const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
        if (ready == 0) {
            return failed(call, "it takes longer than " + std::to_string(call.timeout_ms) + " ms");
        }
        if (ready < 0 && errno == EINTR) continue;
        char block[4096];
        const ssize_t size = ::read(from, block, sizeof block);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failed(call, errno_text(errno));
        if (size == 0) return text;
        text.append(block, static_cast<size_t>(size));
        if (text.size() > program_output_bytes_max) return failed(call, "it says too much");
    }
}

}  // namespace

std::string command_text(const program_call& call) {
    std::string text;
    for (const auto& each : call.arguments) text += (text.empty() ? "" : " ") + each;
    return text;
}

outcome<program_end> run_program(const program_call& call) {
    int ends[2];
    const int input = input_file(call.input);
    if (input < 0) return failed(call, errno_text(errno));
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        ::close(input);
        return failed(call, errno_text(errno));
    }
    pid_t child = 0;
    const int refused = start(call, input, ends[1], child);
    ::close(input);
    ::close(ends[1]);
    if (refused != 0) {
        ::close(ends[0]);
        return failed(call, errno_text(refused));
    }
    auto text = read_all(call, ends[0]);
    ::close(ends[0]);
    if (!text) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!text) return text.failure();
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return program_end{code, std::move(*text)};
}

outcome<std::string> output_of_program(const program_call& call) {
    auto done = run_program(call);
    if (!done) return done.failure();
    if (done->status == 0) return std::move(done->output);
    constexpr size_t told_bytes_max = 600;
    std::string said(trimmed(done->output));
    if (said.size() > told_bytes_max) said = "…" + said.substr(said.size() - told_bytes_max);
    if (said.empty()) said = "it ended with " + std::to_string(done->status);
    return failed(call, said);
}

}  // namespace ie
