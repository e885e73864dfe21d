#include "gateway/exim_hook/socket_diag.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "config/system/file_handle.hpp"

namespace ie {
namespace {

constexpr timeval answer_timeout{0, 50'000};  // of each of two; the kernel answers within send()
constexpr uint32_t loopback_interface = 1;    // in every network namespace
constexpr size_t answer_bytes_max = 1'024;
constexpr std::array<uint8_t, 12> ipv4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool is_ipv4(const socket_end& end) {
    return std::equal(ipv4_prefix.begin(), ipv4_prefix.end(), end.address.begin());
}

// Such an address needs its interface to be said with it.
bool is_link_local(const socket_end& end) {
    return end.address[0] == 0xFE && (end.address[1] & 0xC0) == 0x80;
}

socket_end end_in_answer(uint8_t family, const __be32 (&address)[4], uint16_t port) {
    socket_end end;
    end.port = ntohs(port);
    if (family == AF_INET) {
        std::copy(ipv4_prefix.begin(), ipv4_prefix.end(), end.address.begin());
        std::memcpy(end.address.data() + ipv4_prefix.size(), address, 4);
    } else {
        std::memcpy(end.address.data(), address, end.address.size());
    }
    return end;
}

struct diag_request {
    nlmsghdr header{};
    inet_diag_req_v2 body{};
};

diag_request request_for(const socket_end& local, const socket_end& remote, uint32_t number) {
    diag_request request;
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.header.nlmsg_seq = number;
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = ~0U;
    inet_diag_sockid& id = request.body.id;
    id.idiag_sport = htons(local.port);
    id.idiag_dport = htons(remote.port);
    // Finds sockets that are bound to the interface and those that aren't.
    id.idiag_if = loopback_interface;
    id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    const bool ipv4 = is_ipv4(local);
    const size_t skipped = ipv4 ? ipv4_prefix.size() : 0;
    request.body.sdiag_family = ipv4 ? AF_INET : AF_INET6;
    std::memcpy(id.idiag_src, local.address.data() + skipped, local.address.size() - skipped);
    std::memcpy(id.idiag_dst, remote.address.data() + skipped, remote.address.size() - skipped);
    return request;
}

file_handle open_diag() {
    file_handle diag(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!diag) return {};
    const bool bounded = setsockopt(diag.get(), SOL_SOCKET, SO_RCVTIMEO, &answer_timeout,
                                    sizeof answer_timeout) == 0;
    return bounded ? std::move(diag) : file_handle{};
}

// Nothing, too, where the answer is that there is no such socket.
std::optional<inet_diag_msg> receive(int diag, uint32_t number) {
    alignas(nlmsghdr) char bytes[answer_bytes_max];
    sockaddr_nl from{};
    socklen_t from_bytes = sizeof from;
    const ssize_t size =
        recvfrom(diag, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &from_bytes);
    const bool of_kernel = from_bytes == sizeof from && from.nl_pid == 0;
    inet_diag_msg answer{};
    nlmsghdr header{};
    if (!of_kernel || size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof answer))) return {};
    std::memcpy(&header, bytes, sizeof header);
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || header.nlmsg_seq != number) return {};
    std::memcpy(&answer, bytes + NLMSG_HDRLEN, sizeof answer);
    return answer;
}

std::optional<diagnosed_socket> ask(int diag, const socket_end& local, const socket_end& remote,
                                    uint32_t number) {
    const diag_request request = request_for(local, remote, number);
    if (send(diag, &request, sizeof request, 0) != ssize_t{sizeof request}) return {};
    const auto answer = receive(diag, number);
    return answer ? diagnosis_of(*answer, local, remote) : std::nullopt;
}

}  // namespace

std::optional<socket_end> end_of(const std::string& address, uint16_t port) {
    socket_end end;
    end.port = port;
    if (inet_pton(AF_INET6, address.c_str(), end.address.data()) == 1) return end;
    std::copy(ipv4_prefix.begin(), ipv4_prefix.end(), end.address.begin());
    uint8_t* const four = end.address.data() + ipv4_prefix.size();
    if (inet_pton(AF_INET, address.c_str(), four) == 1) return end;
    return {};
}

// A socket that nobody has open any more, and one in TIME_WAIT, has inode 0, and uid 0 as if it
// were root's.
std::optional<diagnosed_socket> diagnosis_of(const inet_diag_msg& answer, const socket_end& local,
                                             const socket_end& remote) {
    const auto& id = answer.id;
    const socket_end here = end_in_answer(answer.idiag_family, id.idiag_src, id.idiag_sport);
    const socket_end there = end_in_answer(answer.idiag_family, id.idiag_dst, id.idiag_dport);
    const bool listens = answer.idiag_state == TCP_LISTEN && here.port == local.port;
    diagnosed_socket found;
    found.connected = !listens && here == local && there == remote;
    if (!found.connected && !listens) return {};
    found.established = answer.idiag_state == TCP_ESTABLISHED;
    found.open = answer.idiag_inode != 0 && answer.idiag_state != TCP_TIME_WAIT;
    found.uid = found.open ? answer.idiag_uid : 0;
    return found;
}

// Where the client's end is gone, the server's own end or its listener tells that the connection
// was of this machine. Where the server's end is as it should be, the client's must be somewhere.
std::optional<client_owner> diagnosed_owner(const tcp_connection& connection) {
    const auto client = end_of(connection.client_address, connection.client_port);
    const auto server = end_of(connection.server_address, connection.server_port);
    if (!client || !server || is_ipv4(*client) != is_ipv4(*server)) return {};
    if (is_link_local(*client)) return {};
    const file_handle diag = open_diag();
    if (!diag) return {};
    const auto its_end = ask(diag.get(), *client, *server, 1);
    if (its_end && its_end->connected) {
        if (its_end->open) return client_owner{client_end::here, its_end->uid};
        return client_owner{client_end::gone, 0};
    }
    const auto our_end = ask(diag.get(), *server, *client, 2);
    if (!our_end || (our_end->connected && our_end->established)) return {};
    return client_owner{client_end::gone, 0};
}

}  // namespace ie
