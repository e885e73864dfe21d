#include "cli/probe.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "messages/request_context.hpp"
#include "messages/text.hpp"

extern char** environ;

namespace ie::cli {
namespace {

// Closes what it holds.
class handle {
  public:
    explicit handle(int fd) : fd_(fd) {}
    ~handle() {
        if (fd_ >= 0) ::close(fd_);
    }
    handle(handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    handle& operator=(handle&&) = delete;
    int number() const { return fd_; }

  private:
    int fd_;
};

error failed(const std::string& what, int code) {
    return fail(error_code::unavailable, what + ": " + errno_text(code));
}

outcome<handle> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return failed(path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    handle socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.number() < 0) return failed(path, errno);
    if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
        return failed(path, errno);
    }
    return socket;
}

enum class ending { line, file };

// What comes until the end asked for. Fails: unavailable.
outcome<std::string> read_until(ending end, int fd, const std::string& from, int ms_max) {
    constexpr size_t text_bytes_max = 64 << 10;
    const int64_t until_ms = steady_now_ms() + ms_max;
    std::string text;
    while (text.size() < text_bytes_max) {
        if (end == ending::line && text.find('\n') != text.npos) break;
        pollfd waiting{fd, POLLIN, 0};
        const int64_t left = until_ms - steady_now_ms();
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) {
            return fail(error_code::unavailable,
                        from + ": no answer within " + std::to_string(ms_max) + " ms");
        }
        char block[4096];
        const ssize_t size = ::read(fd, block, sizeof block);
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (size < 0) return failed(from, errno);
        if (size == 0) break;
        text.append(block, static_cast<size_t>(size));
    }
    return text;
}

size_t ignore(char*, size_t size, size_t count, void*) {
    return size * count;
}

}  // namespace

outcome<nothing> knock(const std::string& path) {
    const auto socket = connect_to(path);
    if (!socket) return socket.failure();
    return nothing{};
}

outcome<std::string> greeting(const std::string& path) {
    const auto socket = connect_to(path);
    if (!socket) return socket.failure();
    auto text = read_until(ending::line, socket->number(), path, probe_ms_max);
    if (!text) return text;
    if (text->empty()) return fail(error_code::unavailable, path + ": it hung up");
    return text->substr(0, text->find_first_of("\r\n"));
}

outcome<nothing> http_get(const std::string& url) {
    const std::unique_ptr<CURL, void (*)(CURL*)> request(curl_easy_init(), curl_easy_cleanup);
    if (!request) return fail(error_code::unavailable, url + ": out of memory");
    curl_easy_setopt(request.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(request.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(request.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(request.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(probe_ms_max));
    curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, ignore);
    const CURLcode done = curl_easy_perform(request.get());
    if (done != CURLE_OK) {
        return fail(error_code::unavailable, url + ": " + curl_easy_strerror(done));
    }
    long status = 0;
    curl_easy_getinfo(request.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return nothing{};
    return fail(error_code::unavailable, url + ": it says " + std::to_string(status));
}

outcome<std::string> output_of(const std::string& program, const std::string& argument) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return failed(program, errno);
    const handle reading(ends[0]);
    pid_t child = 0;
    int refused = 0;
    {
        const handle writing(ends[1]);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, writing.number(), STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        std::string name = program;
        std::string only = argument;
        char* arguments[] = {name.data(), only.data(), nullptr};
        refused = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    if (refused != 0) return failed(program, refused);
    auto text = read_until(ending::file, reading.number(), program, program_ms_max);
    if (!text) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!text || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return text;
    return fail(error_code::unavailable, program + " " + argument + ": it failed");
}

}  // namespace ie::cli
