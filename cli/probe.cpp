#include "cli/probe.hpp"

#include <curl/curl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>

#include "config/system/file_handle.hpp"
#include "messages/request_context.hpp"
#include "messages/text.hpp"

namespace ie::cli {
namespace {

error failed(const std::string& what, int code) {
    return fail(error_code::unavailable, what + ": " + errno_text(code));
}

outcome<file_handle> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return failed(path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    file_handle socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return failed(path, errno);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    // EAGAIN: it listens, and more knock than it has let in so far.
    if (::connect(socket.get(), to, sizeof address) != 0 && errno != EAGAIN) {
        return failed(path, errno);
    }
    return socket;
}

// What comes until a line is complete. Fails: unavailable.
outcome<std::string> read_line(int fd, const std::string& from) {
    constexpr size_t text_bytes_max = 64 << 10;
    const int64_t until_ms = steady_now_ms() + probe_ms_max;
    std::string text;
    while (text.size() < text_bytes_max && text.find('\n') == text.npos) {
        pollfd waiting{fd, POLLIN, 0};
        const int64_t left = until_ms - steady_now_ms();
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) {
            return fail(error_code::unavailable,
                        from + ": no answer within " + std::to_string(probe_ms_max) + " ms");
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

// proc(5), /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path.
outcome<nothing> look_for_listener(const std::string& path) {
    constexpr std::string_view accepts = "00010000";
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return failed(path, errno);  // its name is gone
    std::ifstream sockets("/proc/net/unix");
    for (std::string line; std::getline(sockets, line);) {
        std::istringstream fields(line);
        std::string skipped;
        std::string flags;
        std::string at;
        fields >> skipped >> skipped >> skipped >> flags >> skipped >> skipped >> skipped >> at;
        if (flags == accepts && at == path) return nothing{};
    }
    return fail(error_code::unavailable, path + ": nobody listens");
}

outcome<std::string> greeting(const std::string& path) {
    const auto socket = connect_to(path);
    if (!socket) return socket.failure();
    auto text = read_line(socket->get(), path);
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

}  // namespace ie::cli
