#include "gateway/zmq/gateway.hpp"

#include <filesystem>

#include "config/system/unix_user.hpp"
#include "gateway/client/frame_io.hpp"
#include "gateway/zmq/door.hpp"
#include "gateway/zmq/request_desk.hpp"

namespace ie {
namespace {

constexpr size_t batch_max = 128;   // requests of one door before the others' turn
constexpr int last_words_ms = 200;  // for replies that wait when the gateway stops
constexpr size_t ipc = 0;           // index of the door

}  // namespace

struct gateway::state {
    state(caf::actor_system& system, const settings_file& settings,
          const snapshot<account_directory>& directory, const role_rules& known)
        : accounts(directory),
          rules(known),
          bridge(system, encoder_of_ticket),
          desk(settings.gateway, bridge,
               [this](return_address& to, uint64_t request_id, encoded_reply reply) {
                   send(to, request_id, std::move(reply));
               }) {}

    outcome<nothing> open(const settings_file& settings);
    void run();
    void wait();
    bool take_replies();
    bool take_requests(size_t door);
    void take_one(size_t door, std::vector<zmq::message_t> frames, bool too_many,
                  const account_directory& directory);
    void identify(arrival& in, const zmq::message_t& frame, const account_directory& directory);
    void send(return_address& to, uint64_t request_id, encoded_reply reply);
    void close();

    const snapshot<account_directory>& accounts;
    const role_rules rules;
    const logger log{"gateway"};
    zmq::context_t context{1};
    std::string ipc_path;
    std::vector<zmq::socket_t> doors;
    std::optional<key_keeper> keys;
    std::string tcp_endpoint;
    login_cache logins;
    actor_bridge bridge;
    request_desk desk;

    std::mutex handles_mutex;
    gateway_handles handles;
    std::atomic<bool> draining = false;
    std::atomic<bool> stopping = false;
    std::atomic<size_t> in_flight = 0;
    std::atomic<bool> turned = false;
};

outcome<nothing> gateway::state::open(const settings_file& settings) {
    auto local = open_ipc_door(context, settings);
    if (!local) return local.failure();
    doors.push_back(std::move(*local));
    ipc_path = settings.engine.endpoint.substr(std::string_view("ipc://").size());
    if (settings.gateway.tcp_endpoint.empty()) return nothing{};
    auto keeper = key_keeper::open(context, settings.gateway.tcp_clients);
    if (!keeper) return keeper.failure();
    keys = std::move(*keeper);
    auto remote = open_tcp_door(context, settings);
    if (!remote) return remote.failure();
    tcp_endpoint = remote->get(zmq::sockopt::last_endpoint);
    doors.push_back(std::move(*remote));
    return nothing{};
}

// Waits only once a round has found nothing: under load that saves its system calls.
void gateway::state::run() {
    bool busy = false;
    while (!stopping) {
        if (!busy) wait();
        busy = take_replies();
        for (size_t door = 0; door < doors.size(); ++door) busy = take_requests(door) || busy;
        if (keys) keys->answer_all();
        desk.expire();
        in_flight = desk.in_flight();
        turned.store(true, std::memory_order_relaxed);
    }
    close();
}

void gateway::state::wait() {
    if (!bridge.replies().may_sleep()) return;
    std::vector<zmq_pollitem_t> items{{nullptr, bridge.replies().fd(), ZMQ_POLLIN, 0}};
    for (auto& each : doors) items.push_back({each.handle(), 0, ZMQ_POLLIN, 0});
    if (keys) items.push_back({keys->handle(), 0, ZMQ_POLLIN, 0});
    zmq_poll(items.data(), static_cast<int>(items.size()), desk.timeout_ms());
    bridge.replies().awake(items[0].revents != 0);
}

// True where there were any.
bool gateway::state::take_replies() {
    auto replies = bridge.replies().take();
    const std::lock_guard lock(handles_mutex);
    for (auto& each : replies) desk.finish(std::move(each), handles);
    return !replies.empty();
}

// True where there were any.
bool gateway::state::take_requests(size_t door) {
    // peer, delimiter, and what a request is made of
    constexpr size_t frames_max = 2 + request_desk::request_frames_max;
    const auto directory = accounts.get();
    size_t count = 0;
    for (; count < batch_max; ++count) {
        bool too_many = false;
        auto frames = receive_frames(doors[door], frames_max, &too_many);
        if (frames.empty()) break;
        take_one(door, std::move(frames), too_many, *directory);
    }
    return count > 0;
}

void gateway::state::take_one(size_t door, std::vector<zmq::message_t> frames, bool too_many,
                              const account_directory& directory) {
    arrival in;
    in.from.door = door;
    identify(in, frames.back(), directory);
    in.from.peer = std::move(frames[0]);
    in.from.delimiter = frames.size() > 1 && frames[1].size() == 0;
    const size_t first = in.from.delimiter ? 2 : 1;
    for (size_t i = first; i < frames.size(); ++i) in.frames.push_back(std::move(frames[i]));
    in.too_many_frames = too_many || in.frames.size() > request_desk::request_frames_max;
    const std::lock_guard lock(handles_mutex);  // attach() counts for every request taken after it
    desk.take(std::move(in), {handles, draining});
}

// On ipc only the kernel's word counts. On tcp nobody gets this far without a key that the keeper
// knows, and the name is the one it gave. ("User-Id" on ipc would be the client's own claim.)
void gateway::state::identify(arrival& in, const zmq::message_t& frame,
                              const account_directory& directory) {
    auto* raw = const_cast<zmq::message_t&>(frame).handle();
    if (in.from.door != ipc) {
        const char* key = zmq_msg_gets(raw, "User-Id");
        if (key == nullptr || *key == '\0') return;
        in.who = {caller_role::root, 0, account_name{std::string(root_account)}, key};
        return;
    }
    const char* address = zmq_msg_gets(raw, "Peer-Address");
    const auto peer = parse_peer_address(address == nullptr ? "" : address);
    if (!peer) return;
    const auto user = logins.user_of(peer->uid, steady_now_ms());
    in.who = caller_of_user(user.value_or(unix_user{peer->uid, {}, {}}), rules, directory);
}

void gateway::state::send(return_address& to, uint64_t request_id, encoded_reply reply) {
    wire_head head;
    head.name = reply.name;
    head.version = reply.version;
    head.request_id = request_id;
    auto frames = frames_of({std::move(head), std::move(reply.body), std::move(reply.bytes)});
    if (to.delimiter) {
        frames.insert(frames.begin(), std::move(to.peer));
    } else {
        frames[0] = std::move(to.peer);
    }
    if (const int failed = send_frames(doors[to.door], frames); failed != 0) {
        log.debug(event::reply_dropped, kv("reply", std::string(reply.name)),
                  kv("reason", std::string(zmq_strerror(failed))));
    }
}

void gateway::state::close() {
    take_replies();
    desk.refuse_all(fail(error_code::unavailable, "the engine has stopped"));
    in_flight = 0;
    for (auto& each : doors) each.set(zmq::sockopt::linger, last_words_ms);
    doors.clear();
    // ZeroMQ does so only once its last connection is gone.
    std::error_code ignored;
    std::filesystem::remove(ipc_path, ignored);
    keys.reset();
}

gateway::gateway(std::unique_ptr<state> made) : state_(std::move(made)) {
    thread_ = std::thread([this] { state_->run(); });
}

gateway::~gateway() {
    stop();
}

outcome<std::unique_ptr<gateway>> gateway::start(caf::actor_system& system,
                                                 const settings_file& settings,
                                                 const snapshot<account_directory>& accounts) {
    const auto rules = make_role_rules(settings);
    if (!rules) return rules.failure();
    if (settings.gateway.mail_bytes_max > settings.gateway.bytes_in_flight_max) {
        return fail(error_code::bad_request,
                    "gateway.mail_bytes_max is more than gateway.bytes_in_flight_max");
    }
    auto made = std::make_unique<state>(system, settings, accounts, *rules);
    if (const auto opened = made->open(settings); !opened) return opened.failure();
    return std::unique_ptr<gateway>(new gateway(std::move(made)));
}

void gateway::attach(gateway_handles handles) {
    {
        const std::lock_guard lock(state_->handles_mutex);
        std::swap(state_->handles, handles);
    }
    state_->bridge.replies().wake();
}

void gateway::drain() {
    state_->draining = true;
}

size_t gateway::in_flight() const {
    return state_->in_flight;
}

bool gateway::has_turned() {
    const bool turned = state_->turned.exchange(false);
    state_->bridge.replies().wake();
    return turned;
}

const std::string& gateway::tcp_endpoint() const {
    return state_->tcp_endpoint;
}

void gateway::stop() {
    if (!thread_.joinable()) return;
    state_->stopping = true;
    state_->bridge.replies().wake();
    thread_.join();
    attach({});
}

}  // namespace ie
