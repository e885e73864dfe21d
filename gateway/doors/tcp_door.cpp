#include "gateway/doors/tcp_door.hpp"

#include <algorithm>

#include "gateway/client/curve_key.hpp"
#include "gateway/client/frame_io.hpp"
#include "messages/text.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr int received_max = 16;   // requests of one client that wait to be looked at
constexpr int unsent_max = 4'096;  // replies that one client has yet to take
constexpr int backlog = 4'096;     // clients that wait to be let in; the kernel has its bound
constexpr int handshake_ms_max = 5'000;
constexpr int heartbeat_ms = 2'000;
constexpr int heartbeat_timeout_ms = 10'000;
constexpr int64_t frame_slack_bytes = 1 << 20;
constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";
constexpr const char* zap_domain = "ie";
constexpr size_t key_bytes_size = 32;

outcome<zmq::socket_t> failed(error_code code, const std::string& what) {
    return fail(code, what);
}

zmq::socket_t make_router(zmq::context_t& context, const configuration::gateway_part& bounds) {
    zmq::socket_t router(context, zmq::socket_type::router);
    router.set(zmq::sockopt::router_mandatory, true);
    router.set(zmq::sockopt::linger, 0);
    router.set(zmq::sockopt::rcvhwm, received_max);
    router.set(zmq::sockopt::sndhwm, unsent_max);
    router.set(zmq::sockopt::backlog, backlog);
    router.set(zmq::sockopt::handshake_ivl, handshake_ms_max);
    router.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
    router.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
    const auto largest = std::max<uint64_t>(bounds.mail_bytes_max, request_body_bytes_max);
    router.set(zmq::sockopt::maxmsgsize, static_cast<int64_t>(largest) + frame_slack_bytes);
    return router;
}

}  // namespace

outcome<zmq::socket_t> open_tcp_door(zmq::context_t& context, const configuration& settings) {
    const std::string& endpoint = settings.gateway.tcp_endpoint;
    if (!endpoint.starts_with(tcp_scheme)) {
        return failed(error_code::bad_request, "gateway.tcp_endpoint: must begin with tcp://");
    }
    const auto keys = load_curve_key(settings.gateway.tcp_secret_key_file);
    if (!keys) return keys.failure();
    try {
        auto router = make_router(context, settings.gateway);
        router.set(zmq::sockopt::curve_server, true);
        router.set(zmq::sockopt::curve_secretkey, keys->secret_key);
        router.set(zmq::sockopt::zap_domain, zap_domain);
        router.bind(endpoint);
        return router;
    } catch (const zmq::error_t& failure) {
        return failed(error_code::bad_request, endpoint + ": " + failure.what());
    }
}

outcome<key_keeper> key_keeper::open(zmq::context_t& context,
                                     const std::vector<curve_client>& clients) {
    for (const auto& each : clients) {
        if (each.name.empty() || !is_curve_key(each.public_key)) {
            return fail(error_code::bad_request,
                        "gateway.tcp_clients: " + log_value(each.name) +
                            ": needs a name and a public key of 40 characters (Z85)");
        }
    }
    try {
        key_keeper keeper;
        keeper.clients_ = clients;
        keeper.socket_ = zmq::socket_t(context, zmq::socket_type::rep);
        keeper.socket_.set(zmq::sockopt::linger, 0);
        keeper.socket_.bind(zap_endpoint);
        return keeper;
    } catch (const zmq::error_t& failure) {
        return fail(error_code::internal, std::string(zap_endpoint) + ": " + failure.what());
    }
}

const curve_client* key_keeper::find(std::string_view key_bytes) const {
    if (key_bytes.size() != key_bytes_size) return nullptr;
    char text[key_bytes_size / 4 * 5 + 1];
    zmq_z85_encode(text, reinterpret_cast<const uint8_t*>(key_bytes.data()), key_bytes.size());
    const auto found = std::find_if(clients_.begin(), clients_.end(),
                                    [&](const auto& each) { return each.public_key == text; });
    return found == clients_.end() ? nullptr : &*found;
}

void key_keeper::answer_some() {
    // version, request id, domain, address, identity, mechanism, key
    constexpr size_t asked_frames = 7;
    constexpr int answers_a_turn = 64;
    for (int i = 0; i < answers_a_turn; ++i) {
        auto asked = receive_frames(socket_, asked_frames);
        if (asked.empty()) return;
        const bool whole = asked.size() == asked_frames && view_of(asked[5]) == "CURVE";
        const curve_client* client = whole ? find(view_of(asked[6])) : nullptr;
        std::vector<zmq::message_t> reply;
        reply.push_back(frame_of(std::string_view("1.0")));
        reply.push_back(asked.size() > 1 ? std::move(asked[1]) : zmq::message_t{});
        reply.push_back(frame_of(std::string_view(client != nullptr ? "200" : "400")));
        reply.push_back(frame_of(std::string_view(client != nullptr ? "OK" : "unknown key")));
        reply.push_back(frame_of(std::string_view(client != nullptr ? client->name : "")));
        reply.emplace_back();
        send_frames(socket_, reply);
    }
}

}  // namespace ie
