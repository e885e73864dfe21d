#include "gateway/client/engine_link.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <set>
#include <unordered_map>

#include "gateway/client/curve_key.hpp"
#include "gateway/client/frame_io.hpp"
#include "messages/request_context.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int reconnect_ms = 20;
constexpr int reconnect_ms_max = 40;
constexpr int handshake_ms_max = 2'000;
constexpr int heartbeat_ms = 500;
constexpr int heartbeat_timeout_ms = 5'000;       // a busy machine is silent for seconds
constexpr int queue_max = 1'024;                  // requests that the engine hasn't taken in
constexpr int64_t frame_bytes_max = 256LL << 20;  // of a reply
constexpr int handshake_failed = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
constexpr int monitored =
    ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | handshake_failed;
constexpr const char* monitor_name = "inproc://monitor";
constexpr std::string_view ipc_scheme = "ipc://";

void set_options(zmq::socket_t& dealer) {
    dealer.set(zmq::sockopt::linger, 0);
    dealer.set(zmq::sockopt::immediate, true);
    dealer.set(zmq::sockopt::reconnect_ivl, reconnect_ms);
    dealer.set(zmq::sockopt::reconnect_ivl_max, reconnect_ms_max);
    dealer.set(zmq::sockopt::handshake_ivl, handshake_ms_max);
    dealer.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
    dealer.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
    dealer.set(zmq::sockopt::heartbeat_ttl, heartbeat_timeout_ms);
    dealer.set(zmq::sockopt::sndhwm, queue_max);
    dealer.set(zmq::sockopt::rcvhwm, queue_max);
    dealer.set(zmq::sockopt::maxmsgsize, frame_bytes_max);
}

outcome<nothing> set_curve(zmq::socket_t& dealer, const link_options& options) {
    if (options.server_public_key.empty()) return nothing{};
    if (!is_curve_key(options.server_public_key)) {
        return fail(error_code::bad_request, "the server's public key isn't 40 characters of Z85");
    }
    auto keys = load_curve_key(options.secret_key_file);
    if (!keys) return keys.failure();
    dealer.set(zmq::sockopt::curve_serverkey, options.server_public_key);
    dealer.set(zmq::sockopt::curve_publickey, keys->public_key);
    dealer.set(zmq::sockopt::curve_secretkey, keys->secret_key);
    return nothing{};
}

// What the kernel says to someone who knocks at that path; empty where the door opens, or where
// others wait before it (EAGAIN).
std::string knock(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return errno_text(ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno_text(errno);
    const int failed =
        connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ? errno : 0;
    close(fd);
    return failed == 0 || failed == EAGAIN ? "" : errno_text(failed);
}

uint64_t random_start() {
    // Ids differ between the lives of a program, so that no late answer is taken for another's.
    std::random_device device;
    return (uint64_t{device()} << 24) & 0x0000'FFFF'FF00'0000;
}

}  // namespace

struct engine_link::state {
    state() = default;
    // First of all the monitoring ends: libzmq 4.3.4 leaks each event that nobody takes any more.
    ~state() {
        if (dealer) zmq_socket_monitor(dealer.handle(), nullptr, 0);
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    std::string endpoint;
    int64_t arrival_ms_max = 0;
    zmq::context_t context{1};
    zmq::socket_t dealer;
    zmq::socket_t monitor;
    outcome<nothing> usable = nothing{};
    bool present = false;
    bool accepted = false;  // whoever it is; the handshake may still go on
    bool refused = false;   // by the last handshake that ended
    bool key_refused = false;
    uint64_t last_id = random_start();
    std::unordered_map<uint64_t, int64_t> deadlines;  // id → by steady_now_ms()
    std::set<std::pair<int64_t, uint64_t>> by_deadline;
    std::vector<answer> ready;                       // not yet handed to the caller
    std::vector<std::pair<uint64_t, parcel>> early;  // sent as soon as there is a connection
    int64_t early_until_ms = 0;                      // how long that may take
    bool waited_in_vain = false;  // it listens and doesn't answer: nobody waits for it again

    outcome<nothing> connect(const link_options& options) {
        try {
            dealer = zmq::socket_t(context, zmq::socket_type::dealer);
            set_options(dealer);
            if (auto curve = set_curve(dealer, options); !curve) return curve;
            if (zmq_socket_monitor(dealer.handle(), monitor_name, monitored) != 0) {
                throw zmq::error_t();
            }
            monitor = zmq::socket_t(context, zmq::socket_type::pair);
            monitor.set(zmq::sockopt::linger, 0);
            monitor.connect(monitor_name);
            dealer.connect(options.endpoint);
            return nothing{};
        } catch (const zmq::error_t& failure) {
            return fail(error_code::unavailable,
                        "endpoint " + options.endpoint + ": " + failure.what());
        }
    }

    void finish(uint64_t id, outcome<parcel> reply) {
        const auto found = deadlines.find(id);
        if (found == deadlines.end()) return;  // late, its caller has been answered
        by_deadline.erase({found->second, id});
        std::erase_if(early, [&](const auto& each) { return each.first == id; });
        deadlines.erase(found);
        ready.push_back({id, std::move(reply)});
    }

    void take_replies() {
        while (auto reply = receive_parcel(dealer)) {
            if (*reply) finish((*reply)->head.request_id, std::move(*reply));
        }
    }

    // Takes note of what happened to the connection. True where it was lost, even if there is a
    // new one by now.
    bool take_events() {
        bool lost = false;
        for (auto frames = receive_frames(monitor, 2); !frames.empty();
             frames = receive_frames(monitor, 2)) {
            if (frames[0].size() < sizeof(uint16_t)) continue;
            uint16_t event = 0;
            std::memcpy(&event, frames[0].data(), sizeof event);
            accepted = event == ZMQ_EVENT_CONNECTED || event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
            if (event == ZMQ_EVENT_CONNECTED) continue;
            present = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
            if ((event & handshake_failed) != 0) refused = true;
            if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) key_refused = true;
            if (present) refused = key_refused = waited_in_vain = false;
            lost = lost || !present;
        }
        return lost;
    }

    // A reply that came before the connection broke still counts: so events first, then replies.
    void update() {
        const bool lost = take_events();
        take_replies();
        expire();
        if (lost) fail_all("went away before it answered");
        if (present) send_early();
        give_up_waiting();
    }

    void fail_all(const char* why) {
        early.clear();
        while (!by_deadline.empty()) {
            finish(by_deadline.begin()->second,
                   fail(error_code::unavailable, "the engine at " + endpoint + " " + why));
        }
    }

    // Whether an engine listens that ZeroMQ hasn't noticed yet: it looks again at intervals only.
    bool is_coming() {
        if (!early.empty()) return true;
        if (!endpoint.starts_with(ipc_scheme)) return accepted && !refused;
        if (!knock(endpoint.substr(ipc_scheme.size())).empty()) {
            waited_in_vain = false;
            return false;
        }
        return !waited_in_vain;
    }

    void keep_early(uint64_t id, parcel request) {
        if (early.empty()) early_until_ms = steady_now_ms() + arrival_ms_max;
        early.emplace_back(id, std::move(request));
    }

    void send_early() {
        for (auto& [id, request] : std::exchange(early, {})) {
            if (const auto sent = send_now(std::move(request)); !sent) finish(id, sent.failure());
        }
    }

    outcome<nothing> send_now(parcel request) {
        auto frames = frames_of(std::move(request));
        const int failed = send_frames(dealer, frames);
        if (failed == 0) return nothing{};
        return fail(error_code::busy,
                    "the engine takes nothing in: " + std::string(zmq_strerror(failed)));
    }

    void expire() {
        const int64_t now = steady_now_ms();
        while (!by_deadline.empty() && by_deadline.begin()->first <= now) {
            finish(by_deadline.begin()->second, too_late());
        }
    }

    void give_up_waiting() {
        if (early.empty() || early_until_ms > steady_now_ms()) return;
        waited_in_vain = true;
        fail_all("listens but doesn't answer");
    }

    error too_late() const {
        return fail(error_code::deadline_exceeded,
                    "the engine at " + endpoint + " gave no answer in time");
    }
};

engine_link::engine_link(const link_options& options) : state_(std::make_unique<state>()) {
    state_->endpoint = options.endpoint;
    state_->arrival_ms_max = options.arrival_ms_max;
    state_->usable = state_->connect(options);
}

engine_link::~engine_link() = default;

bool engine_link::present() const {
    return state_->present;
}

bool engine_link::reachable() {
    if (!state_->usable) return false;
    state_->update();
    return state_->present || state_->is_coming();
}

size_t engine_link::in_flight() const {
    return state_->deadlines.size();
}

uint64_t engine_link::next_id() {
    return ++state_->last_id;
}

bool engine_link::usable() const {
    return static_cast<bool>(state_->usable);
}

error engine_link::why_too_late() const {
    return state_->too_late();
}

error engine_link::why_absent() const {
    if (!state_->usable) return state_->usable.failure();
    std::string why = "no engine at " + state_->endpoint;
    if (state_->key_refused) return fail(error_code::not_permitted, why + ": it refuses this key");
    if (state_->endpoint.starts_with(ipc_scheme)) {
        const std::string refusal = knock(state_->endpoint.substr(ipc_scheme.size()));
        why += ": " + (refusal.empty() ? std::string("it listens but doesn't answer") : refusal);
    }
    return fail(error_code::unavailable, why + " (is ie-engine running?)");
}

outcome<uint64_t> engine_link::send(parcel request) {
    if (!state_->usable) return state_->usable.failure();
    if (!reachable()) return fail(error_code::unavailable, "no engine at " + state_->endpoint);
    if (state_->deadlines.size() >= requests_max) {
        return fail(error_code::busy, std::to_string(requests_max) + " requests are in flight");
    }
    const uint64_t id = request.head.request_id;
    const int64_t deadline = steady_now_ms() + request.head.deadline_ms;
    if (!state_->present) {
        state_->keep_early(id, std::move(request));
    } else if (const auto sent = state_->send_now(std::move(request)); !sent) {
        return sent.failure();
    }
    state_->deadlines.emplace(id, deadline);
    state_->by_deadline.emplace(deadline, id);
    return id;
}

void engine_link::add_poll_items(std::vector<zmq_pollitem_t>& items) const {
    if (!state_->usable) return;
    items.push_back({state_->dealer.handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({state_->monitor.handle(), 0, ZMQ_POLLIN, 0});
}

long engine_link::timeout_ms() const {
    if (!state_->ready.empty()) return 0;
    if (state_->by_deadline.empty()) return -1;
    int64_t until_ms = state_->by_deadline.begin()->first;
    if (!state_->early.empty()) until_ms = std::min(until_ms, state_->early_until_ms);
    return static_cast<long>(std::max<int64_t>(0, until_ms - steady_now_ms()));
}

std::vector<engine_link::answer> engine_link::receive() {
    if (state_->usable) state_->update();
    return std::exchange(state_->ready, {});
}

}  // namespace ie
