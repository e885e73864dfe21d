#include "config/system/exim_setup/trial_hook.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "messages/text.hpp"

namespace ie::exim {
namespace {

constexpr size_t line_bytes_max = 64 << 10;
constexpr int silence_ms_max = 10'000;

error failed(const std::string& path) {
    return fail(error_code::unavailable, path + ": " + errno_text(errno));
}

// Open to everybody: nobody else sees the folder it is in.
outcome<int> listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    errno = ENAMETOOLONG;
    if (path.size() >= sizeof address.sun_path) return failed(path);
    path.copy(address.sun_path, path.size());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return failed(path);
    ::unlink(path.c_str());
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::chmod(path.c_str(), 0666) == 0 && ::listen(socket, 64) == 0) {
        return socket;
    }
    const error why = failed(path);
    ::close(socket);
    return why;
}

class connection {
  public:
    explicit connection(int socket) : socket_(socket) {}
    ~connection() { ::close(socket_); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // Without its end; nothing once the other side has hung up or says nothing.
    bool read_line(std::string& line) {
        size_t end = 0;
        while ((end = buffer_.find('\n')) == buffer_.npos) {
            pollfd waiting{socket_, POLLIN, 0};
            if (::poll(&waiting, 1, silence_ms_max) <= 0 || buffer_.size() > line_bytes_max)
                return false;
            char block[4096];
            const ssize_t size = ::read(socket_, block, sizeof block);
            if (size <= 0) return false;
            buffer_.append(block, static_cast<size_t>(size));
        }
        line = std::string(trimmed(buffer_.substr(0, end)));
        buffer_.erase(0, end + 1);
        return true;
    }

    void say(const std::string& text) {
        (void)::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    }

  private:
    int socket_;
    std::string buffer_;
};

// ie_acl: a question ends with END; the answer is verdict, scope, ticket and text.
void judge(int socket) {
    connection client(socket);
    std::string line;
    while (client.read_line(line) && line != "END") {
    }
    client.say(std::string("hold\nall\n") + trial_ticket + "\nheld by the trial\n");
}

// LMTP (RFC 2033): an answer for each recipient.
void take_mail(int socket, int taken) {
    connection client(socket);
    client.say("220 trial\r\n");
    std::string sender;
    std::string line;
    int recipients = 0;
    while (client.read_line(line)) {
        const std::string verb = to_lower(line.substr(0, 4));
        if (verb == "mail") sender = line;
        if (verb == "rcpt") ++recipients;
        client.say(verb == "data" ? "354 go on\r\n" : "250 yes\r\n");
        if (verb == "quit") return;
        if (verb != "data") continue;
        while (client.read_line(line) && line != ".") {
        }
        sender += '\n';
        if (::write(taken, sender.data(), sender.size()) < 0) return;
        for (; recipients > 0; --recipients) client.say("250 taken\r\n");
    }
}

[[noreturn]] void serve(int judge_socket, int lmtp_socket, int taken) {
    for (;;) {
        pollfd waiting[] = {{judge_socket, POLLIN, 0}, {lmtp_socket, POLLIN, 0}};
        if (::poll(waiting, 2, -1) < 0) continue;
        for (const auto& each : waiting) {
            if ((each.revents & POLLIN) == 0) continue;
            const int client = ::accept4(each.fd, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) continue;
            if (each.fd == judge_socket) judge(client);
            if (each.fd == lmtp_socket) take_mail(client, taken);
        }
    }
}

}  // namespace

outcome<pid_t> start_trial_hook(const trial_hook& hook) {
    const int taken =
        ::open(hook.taken_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (taken < 0) return failed(hook.taken_file);
    const auto judge_socket = listen_at(hook.judge_socket);
    if (!judge_socket) return judge_socket.failure();
    const auto lmtp_socket = listen_at(hook.lmtp_socket);
    if (!lmtp_socket) return lmtp_socket.failure();
    const pid_t self = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) return failed("fork");
    if (process == 0) {
        end_with(self);
        serve(*judge_socket, *lmtp_socket, taken);
    }
    for (const int each : {taken, *judge_socket, *lmtp_socket}) ::close(each);
    return process;
}

void end_with(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it has ended before
}

void stop_trial_hook(pid_t process) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
}

}  // namespace ie::exim
