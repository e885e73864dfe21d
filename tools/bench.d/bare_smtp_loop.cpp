#include "tools/bench.d/bare_smtp_loop.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "config/log.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

class smtp_client {
  public:
    explicit smtp_client(uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* address = reinterpret_cast<const sockaddr*>(&to);
        ensure(connect(descriptor_, address, sizeof to) == 0, "no SMTP server there");
        const int on = 1;
        setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        wait_for_reply("220");
        send("EHLO client.test\r\n");
        wait_for_reply("250");
    }
    ~smtp_client() { close(descriptor_); }
    smtp_client(const smtp_client&) = delete;
    smtp_client& operator=(const smtp_client&) = delete;

    int descriptor() const { return descriptor_; }

    void send(const std::string& text) {
        const ssize_t sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
        ensure(sent == static_cast<ssize_t>(text.size()), "the SMTP server is gone");
    }

    // Reads what is there and returns how many replies it has ended; each must begin like that.
    size_t receive(std::string_view code) {
        char bytes[4'096];
        const ssize_t got = read(descriptor_, bytes, sizeof bytes);
        ensure(got > 0, "the SMTP server is gone");
        received_.append(bytes, static_cast<size_t>(got));
        size_t replies = 0;
        for (size_t end = received_.find('\n'); end != std::string::npos;
             end = received_.find('\n')) {
            ensure(received_.starts_with(code), received_);
            if (received_[code.size()] == ' ') ++replies;  // '-': more lines of it follow
            received_.erase(0, end + 1);
        }
        return replies;
    }

  private:
    void wait_for_reply(std::string_view code) {
        while (receive(code) == 0) continue;
    }

    int descriptor_;
    std::string received_;
};

}  // namespace

double run_bare_smtp_loop(const smtp_load& load) {
    const std::string question = "MAIL FROM:<" + load.sender + ">\r\nRSET\r\n";
    constexpr size_t replies_of_question = 2;
    std::vector<std::unique_ptr<smtp_client>> clients;
    std::vector<pollfd> items;
    for (uint32_t i = 0; i < load.connections; ++i) {
        clients.push_back(std::make_unique<smtp_client>(load.port));
        items.push_back({clients.back()->descriptor(), POLLIN, 0});
    }
    uint64_t answers = 0;
    std::vector<size_t> replies(clients.size(), 0);
    const int64_t begun_ms = steady_now_ms();
    for (const auto& each : clients) each->send(question);
    while (steady_now_ms() < begun_ms + load.duration_ms) {
        poll(items.data(), items.size(), 100);
        for (size_t i = 0; i < clients.size(); ++i) {
            if (items[i].revents == 0) continue;
            replies[i] += clients[i]->receive("250");
            if (replies[i] < replies_of_question) continue;
            replies[i] = 0;
            ++answers;
            clients[i]->send(question);
        }
    }
    const auto took_ms = static_cast<double>(steady_now_ms() - begun_ms);
    return static_cast<double>(answers) * 1'000.0 / took_ms;
}

}  // namespace ie
