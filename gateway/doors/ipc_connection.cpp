#include "gateway/doors/ipc_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "config/log.hpp"

namespace ie {
namespace {

constexpr int64_t handshake_ms_max = 5'000;
constexpr int64_t request_ms_max = 30'000;  // from its first byte to its last
constexpr int64_t answer_ms_max = 60'000;   // until a client has taken it
constexpr size_t pieces_a_call = 64;
constexpr size_t sent_bytes_a_turn = 256 << 10;
constexpr size_t straight_bytes_min = 16 << 10;
constexpr size_t straight_bytes_max = 1 << 20;
constexpr size_t others_bytes_a_read = 16 << 10;

transfer why_not(ssize_t result) {
    const bool again = result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return again ? transfer::blocked : transfer::ended;
}

}  // namespace

uint64_t unfinished_bytes(const ipc_connection& one) {
    uint64_t bytes = one.input.unfinished_bytes();
    if (one.asked) {
        for (const auto& each : one.asked->frames) bytes += each.size();
    }
    return bytes;
}

uint64_t with_most(const connection_table& all, uint32_t user, connection_measure measure) {
    const ipc_connection* most = nullptr;
    for (const auto& [id, one] : all) {
        if (one->trusted || one->user != user) continue;
        if (most == nullptr || measure(*one) > measure(*most)) most = one.get();
    }
    ensure(most != nullptr, "somebody has a share and no connection");
    return most->id;
}

const char* too_slow(const ipc_connection& one, int64_t now_ms) {
    if (!one.input.greeted()) {
        return now_ms - one.opened_at_ms > handshake_ms_max ? "it doesn't shake hands" : nullptr;
    }
    if (one.trusted) return nullptr;
    if (one.begun_at_ms != 0 && now_ms - one.begun_at_ms > request_ms_max) {
        return "it doesn't finish its request";
    }
    const int64_t since_ms = one.output.since_ms();
    if (since_ms != 0 && now_ms - since_ms > answer_ms_max) return "it doesn't take its answer";
    return nullptr;
}

transfer send_some(ipc_connection& to) {
    for (size_t left = sent_bytes_a_turn; !to.output.empty();) {
        iovec pieces[pieces_a_call];
        msghdr out{};
        out.msg_iov = pieces;
        out.msg_iovlen = to.output.next(pieces, left);
        if (out.msg_iovlen == 0) return transfer::blocked;
        const ssize_t sent = ::sendmsg(to.socket.get(), &out, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) return why_not(sent);
        to.output.sent(static_cast<size_t>(sent));
        left -= static_cast<size_t>(sent);
    }
    return transfer::done;
}

transfer read_some(ipc_connection& from, std::string& buffer, std::string_view& bytes) {
    bytes = {};
    const auto rest = from.input.rest_of_frame();
    const bool straight = rest.size() >= straight_bytes_min;
    const size_t wanted = straight ? std::min(rest.size(), straight_bytes_max) : 0;
    const size_t room = from.trusted ? buffer.size() : std::min(buffer.size(), others_bytes_a_read);
    iovec parts[2] = {{rest.data(), wanted}, {buffer.data(), room}};
    msghdr in{};
    // What follows the frame may only be read where all of the frame fits before it.
    const bool only_frame = straight && wanted < rest.size();
    in.msg_iov = straight ? parts : parts + 1;
    in.msg_iovlen = straight && !only_frame ? 2 : 1;
    const ssize_t got = ::recvmsg(from.socket.get(), &in, MSG_DONTWAIT);
    if (got <= 0) return why_not(got);
    const size_t into_frame = std::min(wanted, static_cast<size_t>(got));
    from.input.filled(into_frame);
    bytes = std::string_view(buffer).substr(0, static_cast<size_t>(got) - into_frame);
    return transfer::done;
}

}  // namespace ie
