// Asks the kernel about one connection of this machine, by sock_diag(7): some microseconds, however
// many sockets there are. Not every container lets that be asked.
#pragma once

#include <linux/inet_diag.h>

#include <array>
#include <optional>

#include "gateway/exim_hook/socket_owner.hpp"

namespace ie {

// Address (IPv4: as ::ffff:a.b.c.d, RFC 4291, section 2.5.5.2) and port.
struct socket_end {
    std::array<uint8_t, 16> address{};
    uint16_t port = 0;

    bool operator==(const socket_end&) const = default;
};
std::optional<socket_end> end_of(const std::string& address, uint16_t port);

// What the kernel says of the socket at `local` that is connected with `remote`, or of the one
// that listens at `local` where there is none. Nothing where it is neither. Pure.
struct diagnosed_socket {
    bool connected = false;    // with `remote`
    bool established = false;  // neither end has said that it has no more to say
    bool open = false;         // by a process: `uid` can be believed
    uint32_t uid = 0;
};
std::optional<diagnosed_socket> diagnosis_of(const inet_diag_msg& answer, const socket_end& local,
                                             const socket_end& remote);

// Nothing where the kernel can't be asked, or its answer leaves doubt. Waits 100 ms at most.
std::optional<client_owner> diagnosed_owner(const tcp_connection& connection);

}  // namespace ie
