// Whose process is at the other end of a connection on loopback? The kernel says so in
// /proc/net/tcp and tcp6 (proc(5)): a client there can't hide who it is, as MAIL FROM can.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ie {

// A connection as its server sees it.
struct tcp_connection {
    std::string client_address;
    uint16_t client_port = 0;
    std::string server_address;
    uint16_t server_port = 0;
};

// The client's uid. Nothing where the client isn't on loopback, or has closed its socket already.
// Reads what the kernel lists, some microseconds a socket of this machine.
std::optional<uint32_t> uid_of_client(const tcp_connection& connection);

// How /proc/net/tcp (four bytes) and tcp6 write an address and port: the words of the address in
// this machine's byte order. Empty where it is no address. Pure.
struct table_addresses {
    std::string v4;
    std::string v6;
};
table_addresses table_form(const std::string& address, uint16_t port);

// The uid in a line of such a table, where the line is about the client's end of the connection and
// somebody still has it open. Pure.
std::optional<uint32_t> uid_in_line(std::string_view line, std::string_view client,
                                    std::string_view server);

}  // namespace ie
