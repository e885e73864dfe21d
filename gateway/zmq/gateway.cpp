#include "gateway/zmq/gateway.hpp"

#include "gateway/client/frame_io.hpp"
#include "gateway/doors/tcp_door.hpp"
#include "gateway/zmq/request_desk.hpp"

namespace ie {
namespace {

constexpr size_t batch_max = 128;   // requests from the network before the others' turn
constexpr int last_words_ms = 200;  // for replies that wait when the gateway stops
constexpr uint64_t network_unread_bytes_max = 128 << 20;  // answers that network clients don't take
constexpr size_t request_slack_bytes = 1 << 20;           // beside a mail and a body

// peer or delimiter, and what a request is made of
constexpr size_t frames_max = 2 + request_desk::request_frames_max;

}  // namespace

struct gateway::state {
    state(caf::actor_system& system, const configuration& settings,
          const snapshot<account_directory>& directory, const role_rules& known,
          const user_source& source)
        : accounts(directory),
          rules(known),
          bridge(system, encoder_of_ticket),
          users(source, [this] { bridge.replies().wake(); }),
          desk(settings.gateway, bridge,
               [this](return_address& to, uint64_t request_id, encoded_reply reply) {
                   return send(to, request_id, std::move(reply));
               }) {}

    outcome<nothing> open(const configuration& settings, ipc_bounds bounds);
    outcome<nothing> open_network(const configuration& settings);
    outcome<nothing> open_ipc(const socket_place& place, const ipc_bounds& bounds,
                              bool only_trusted);
    void run();
    void wait();
    bool take_replies();
    void send_sums();
    bool take_local(size_t door, const account_directory& directory);
    bool take_from_network();
    void take_one(arrival in, zmtp_input::message message);
    std::optional<outcome<caller>> caller_of(uint32_t uid, const account_directory& directory);
    outcome<nothing> send(return_address& to, uint64_t request_id, encoded_reply reply);
    outcome<nothing> send_to_network(return_address& to, wire_head head, encoded_reply reply);
    void close();

    const snapshot<account_directory>& accounts;
    const role_rules rules;
    const logger log{"gateway"};
    std::vector<std::unique_ptr<ipc_door>> local;  // the trusted one, where there is one, first
    zmq::context_t context{1};
    std::optional<zmq::socket_t> network;
    std::optional<key_keeper> keys;
    std::string tcp_endpoint;
    std::shared_ptr<credit_pool> network_unread =
        std::make_shared<credit_pool>(network_unread_bytes_max);
    actor_bridge bridge;
    user_finder users;
    request_desk desk;

    std::mutex handles_mutex;
    gateway_handles handles;
    std::atomic<bool> draining = false;
    std::atomic<bool> stopping = false;
    std::atomic<size_t> in_flight = 0;
    std::atomic<bool> turned = false;
};

outcome<nothing> gateway::state::open(const configuration& settings, ipc_bounds bounds) {
    bounds.trusted_request_bytes_max =
        settings.gateway.mail_bytes_max + request_body_bytes_max + request_slack_bytes;
    const auto& engine = settings.engine;
    const socket_place for_all{"engine.endpoint", engine.endpoint, engine.socket_mode,
                               engine.socket_group, false};
    if (auto opened = open_ipc(for_all, bounds, false); !opened) return opened;
    if (const std::string trusted = engine.endpoint_of_trusted(); trusted != engine.endpoint) {
        // Its folder says who may connect.
        const socket_place place{"engine.trusted_endpoint", trusted, 0666, {}, true};
        if (auto opened = open_ipc(place, bounds, true); !opened) return opened;
        std::swap(local[0], local[1]);
    }
    return settings.gateway.tcp_endpoint.empty() ? nothing{} : open_network(settings);
}

outcome<nothing> gateway::state::open_ipc(const socket_place& place, const ipc_bounds& bounds,
                                          bool only_trusted) {
    ipc_visitors visitors;
    visitors.is_trusted = [this](uint32_t uid) { return is_trusted(uid, rules); };
    visitors.owner_of = [this](uint32_t uid) { return users.owner_of(uid); };
    visitors.only_trusted = only_trusted;
    auto opened = ipc_door::open(place, bounds, std::move(visitors));
    if (!opened) return opened.failure();
    local.push_back(std::move(*opened));
    return nothing{};
}

outcome<nothing> gateway::state::open_network(const configuration& settings) {
    auto keeper = key_keeper::open(context, settings.gateway.tcp_clients);
    if (!keeper) return keeper.failure();
    keys = std::move(*keeper);
    auto remote = open_tcp_door(context, settings);
    if (!remote) return remote.failure();
    tcp_endpoint = remote->get(zmq::sockopt::last_endpoint);
    network = std::move(*remote);
    return nothing{};
}

// Waits only once a round has found nothing: under load that saves its system calls.
void gateway::state::run() {
    bool busy = false;
    while (!stopping) {
        if (!busy) wait();
        busy = take_replies();
        const auto directory = accounts.get();
        for (size_t door = 0; door < local.size(); ++door) {
            busy = take_local(door, *directory) || busy;
        }
        busy = take_from_network() || busy;
        if (keys) keys->answer_some();
        desk.expire();
        if (desk.sums_are_due()) send_sums();
        for (auto& each : local) each->flush();
        in_flight = desk.in_flight();
        turned.store(true, std::memory_order_relaxed);
    }
    close();
}

void gateway::state::wait() {
    if (!bridge.replies().may_sleep()) return;
    std::vector<zmq_pollitem_t> items{{nullptr, bridge.replies().fd(), ZMQ_POLLIN, 0}};
    long timeout_ms = desk.timeout_ms();
    for (auto& each : local) {
        items.push_back({nullptr, each->fd(), ZMQ_POLLIN, 0});
        const long next_ms = each->timeout_ms();
        if (next_ms >= 0 && (timeout_ms < 0 || next_ms < timeout_ms)) timeout_ms = next_ms;
    }
    if (network) items.push_back({network->handle(), 0, ZMQ_POLLIN, 0});
    if (keys) items.push_back({keys->handle(), 0, ZMQ_POLLIN, 0});
    zmq_poll(items.data(), static_cast<int>(items.size()), timeout_ms);
    bridge.replies().awake(items[0].revents != 0);
}

// True where there were any.
bool gateway::state::take_replies() {
    auto replies = bridge.replies().take();
    if (replies.empty()) return false;
    const std::lock_guard lock(handles_mutex);
    for (auto& each : replies) desk.finish(std::move(each), handles);
    return true;
}

void gateway::state::send_sums() {
    const std::lock_guard lock(handles_mutex);
    desk.send_sums(handles, stopping);
}

// True where there was something to do.
bool gateway::state::take_local(size_t door, const account_directory& directory) {
    return local[door]->turn(steady_now_ms(), [&](ipc_request& request) {
        auto who = caller_of(request.uid, directory);
        if (!who) return false;
        arrival in;
        in.from.door = door;
        in.from.connection = request.connection;
        in.who.uid = request.uid;
        if (*who) {
            in.who = std::move(**who);
        } else {
            in.why_unknown = who->failure();
        }
        take_one(std::move(in), std::move(request.message));
        return true;
    });
}

// Nobody gets this far without a key that the keeper knows, and the name is the one it gave.
bool gateway::state::take_from_network() {
    size_t count = 0;
    for (; network && count < batch_max; ++count) {
        zmtp_input::message message;
        auto frames = receive_frames(*network, frames_max, &message.has_more);
        if (frames.empty()) break;
        arrival in;
        in.from.on_network = true;
        const char* key = zmq_msg_gets(frames.back().handle(), "User-Id");
        if (key != nullptr && *key != '\0') {
            in.who = {caller_role::root, 0, account_name{std::string(root_account)}, key};
        }
        in.from.peer = std::move(frames.front());
        frames.erase(frames.begin());
        message.frames = std::move(frames);
        take_one(std::move(in), std::move(message));
    }
    return count > 0;
}

void gateway::state::take_one(arrival in, zmtp_input::message message) {
    auto& frames = message.frames;
    in.from.delimiter = !frames.empty() && frames.front().size() == 0;
    if (in.from.delimiter) frames.erase(frames.begin());
    in.frames = std::move(frames);
    in.too_many_frames = message.has_more || in.frames.size() > request_desk::request_frames_max;
    const std::lock_guard lock(handles_mutex);  // attach() counts for every request taken after it
    desk.take(std::move(in), {handles, draining});
}

// Nothing where it isn't known yet. Only the kernel's word counts. Fails: unavailable.
std::optional<outcome<caller>> gateway::state::caller_of(uint32_t uid,
                                                         const account_directory& directory) {
    if (is_trusted(uid, rules)) return caller_of_user({uid, {}, {}}, rules, directory);
    const auto user = users.find(uid, steady_now_ms());
    if (!user) return std::nullopt;
    if (!*user) return outcome<caller>(user->failure());
    return caller_of_user(**user, rules, directory);
}

outcome<nothing> gateway::state::send(return_address& to, uint64_t request_id,
                                      encoded_reply reply) {
    wire_head head;
    head.name = reply.name;
    head.version = reply.version;
    head.request_id = request_id;
    if (to.on_network) return send_to_network(to, std::move(head), std::move(reply));
    return local[to.door]->send(to.connection, to.delimiter, encode(head), std::move(reply));
}

outcome<nothing> gateway::state::send_to_network(return_address& to, wire_head head,
                                                 encoded_reply reply) {
    if (!reply.bytes.empty()) {
        auto hold = network_unread->take(reply.bytes.size());
        if (!hold) return fail(error_code::busy, "clients have too many mails to read yet");
        reply.bytes = counted(std::move(reply.bytes), std::move(*hold));
    }
    const std::string name = head.name;
    auto frames = frames_of({std::move(head), std::move(reply.body), std::move(reply.bytes)});
    if (to.delimiter) {
        frames.insert(frames.begin(), std::move(to.peer));
    } else {
        frames[0] = std::move(to.peer);
    }
    if (const int failed = send_frames(*network, frames); failed != 0) {
        log.debug(event::reply_dropped, kv("reply", name),
                  kv("reason", std::string(zmq_strerror(failed))));
    }
    return nothing{};
}

void gateway::state::close() {
    take_replies();
    send_sums();
    desk.refuse_all(fail(error_code::unavailable, "the engine has stopped"));
    in_flight = 0;
    for (auto& each : local) each->flush_for_ms(last_words_ms);
    local.clear();
    if (network) network->set(zmq::sockopt::linger, last_words_ms);
    network.reset();
    keys.reset();
}

gateway::gateway(std::unique_ptr<state> made) : state_(std::move(made)) {
    thread_ = std::thread([this] { state_->run(); });
}

gateway::~gateway() {
    stop();
}

outcome<std::unique_ptr<gateway>> gateway::start(caf::actor_system& system,
                                                 const configuration& settings,
                                                 const snapshot<account_directory>& accounts,
                                                 const door_options& options) {
    const auto rules = make_role_rules(settings);
    if (!rules) return rules.failure();
    if (settings.gateway.mail_bytes_max > settings.gateway.bytes_in_flight_max) {
        return fail(error_code::bad_request,
                    "gateway.mail_bytes_max is more than gateway.bytes_in_flight_max");
    }
    auto made = std::make_unique<state>(system, settings, accounts, *rules, options.users);
    if (const auto opened = made->open(settings, options.bounds); !opened) {
        return opened.failure();
    }
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
