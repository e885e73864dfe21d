#include "tests/fault/hook_fixture.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "gateway/client/frame_io.hpp"
#include "messages/base64.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

constexpr int step_ms = 5;

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (done <= 0) return;
        bytes.remove_prefix(static_cast<size_t>(done));
    }
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
    const int64_t until = steady_now_ms() + patience_ms;
    while (!condition()) {
        if (steady_now_ms() > until) return false;
        ::poll(nullptr, 0, step_ms);
    }
    return true;
}

fake_engine::fake_engine(std::string endpoint, handler on_request)
    : endpoint_(std::move(endpoint)),
      on_request_(std::move(on_request)),
      thread_([this] { serve(); }) {
    EXPECT_TRUE(eventually([this] { return bound_.load(); }));
}

fake_engine::~fake_engine() {
    stop();
}

void fake_engine::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void fake_engine::serve() {
    zmq::context_t context;
    zmq::socket_t router(context, zmq::socket_type::router);
    router.set(zmq::sockopt::linger, 0);
    router.bind(endpoint_);
    bound_ = true;
    while (!stopping_) {
        zmq::pollitem_t item{router.handle(), 0, ZMQ_POLLIN, 0};
        zmq::poll(&item, 1, std::chrono::milliseconds(step_ms));
        zmq::message_t peer;
        if (!router.recv(peer, zmq::recv_flags::dontwait)) continue;
        const auto request = receive_parcel(router);
        if (!request || !*request) continue;
        ++received_;
        auto reply = on_request_(**request);
        if (!reply) continue;
        auto frames = frames_of(std::move(*reply));
        frames.insert(frames.begin(), std::move(peer));
        send_frames(router, frames);
    }
}

unix_client::unix_client(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    file_handle made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{patience_ms / 1000, 0};
    ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(made.get(), at, sizeof address) == 0) socket_ = std::move(made);
}

void unix_client::say(std::string_view bytes) const {
    write_all(socket_.get(), bytes);
}

void unix_client::end() const {
    ::shutdown(socket_.get(), SHUT_WR);
}

std::string unix_client::rest() const {
    std::string all;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = ::recv(socket_.get(), buffer, sizeof buffer, 0)) > 0) {
        all.append(buffer, static_cast<size_t>(got));
    }
    return got == 0 ? all : all + "(not ended)";
}

std::string unix_client::line() const {
    std::string text;
    char c = 0;
    while (!text.ends_with('\n') && ::recv(socket_.get(), &c, 1, 0) == 1) text += c;
    return text;
}

bool unix_client::silent_for(int ms) const {
    pollfd item{socket_.get(), POLLIN, 0};
    return ::poll(&item, 1, ms) == 0;
}

std::string judge_text(const exim_mail& mail) {
    return "judge 1\nid=" + mail.id + "\nprotocol=esmtpa\nuid=102\nauth=" + base64(mail.login) +
           "\nclient=" + mail.client + "\nport=" + (mail.client.empty() ? "" : "4711") +
           "\nserver=" + mail.client + "\nserver_port=" + std::to_string(mail.server_port) +
           "\nhelo=" + base64("mail.test") + "\nsender=" + base64(mail.sender) +
           "\nrecipients=" + base64(mail.recipients) + "\nheaders=" + base64(mail.headers) +
           "\nEND\n";
}

std::string confirm_text(std::string_view release, std::string_view id) {
    return "confirm 1\nrelease=" + std::string(release) + "\nid=" + std::string(id) + "\nEND\n";
}

void hook_fixture::SetUp() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    std::filesystem::create_directories(folder_.path("spool/input/m"));
    settings_.engine.endpoint = "ipc://" + folder_.path("engine.sock");
    settings_.hook.judge_socket = folder_.path("judge.sock");
    settings_.hook.lmtp_socket = folder_.path("lmtp.sock");
    settings_.hook.spool_dir = folder_.path("spool");
    settings_.hook.judge_timeout_ms = 3 * patience_ms;  // nothing may have to wait for it
    settings_.hook.hold_timeout_ms = 3 * patience_ms;
    ASSERT_TRUE(open_log(folder_.path("hook.log"), log_level::debug));
    store_body("1nFEym-0005TO-Qs", "body\n");
}

void hook_fixture::TearDown() {
    stop_hook();
    engine_.reset();
    close_log();
}

void hook_fixture::start_hook(hook_bounds bounds) {
    if (engine_) bounds.engine_wait_ms_max = patience_ms;  // its first word is the engine's
    signals_ = file_handle(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    hook_.emplace(settings_, bounds);
    hook_->watch_signals(signals_.get(), [fd = signals_.get()] {
        uint64_t count = 0;
        return ::read(fd, &count, sizeof count) == sizeof count;
    });
    const auto opened = hook_->open();
    ASSERT_TRUE(opened) << opened.failure().what;
    thread_ = std::thread([this] { EXPECT_TRUE(hook_->run()); });
}

void hook_fixture::signal_hook() {
    const uint64_t one = 1;
    ASSERT_EQ(::write(signals_.get(), &one, sizeof one), ssize_t{sizeof one});
}

void hook_fixture::stop_hook() {
    if (!thread_.joinable()) return;
    signal_hook();
    thread_.join();
    hook_.reset();
}

void hook_fixture::start_engine(fake_engine::handler on_request) {
    engine_.emplace(settings_.engine.endpoint, std::move(on_request));
}

void hook_fixture::store_body(const std::string& id, const std::string& body) const {
    folder_.write("spool/input/" + id + "-D", id + "-D\n" + body);
}

std::string hook_fixture::ask(const std::string& text) const {
    const unix_client client(settings_.hook.judge_socket);
    if (!client.connected()) return "(no hook)";
    client.say(text);
    client.end();
    return client.rest();
}

std::string hook_fixture::hold(const std::string& ticket, const std::string& data,
                               int recipients) const {
    const auto client = lmtp();
    client.say("LHLO here\r\nMAIL FROM:<" + ticket + ">\r\n");
    for (int i = 0; i < recipients; ++i) client.say("RCPT TO:<r" + std::to_string(i) + "@x>\r\n");
    client.say("DATA\r\n");
    std::string line = client.line();
    while (!line.empty() && !line.starts_with("354 ")) line = client.line();
    client.say(data + ".\r\n");
    std::string replies;
    for (int i = 0; i < recipients; ++i) replies += client.line();
    return replies;
}

bool hook_fixture::logged(const std::string& text) const {
    return eventually([&] {
        return testing::text_of_file(folder_.path("hook.log")).find(text) != std::string::npos;
    });
}

}  // namespace ie
