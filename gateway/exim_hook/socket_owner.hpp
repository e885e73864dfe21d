// Whose process is at the other end of a connection on loopback? The kernel says so: a client there
// can't hide who it is, as MAIL FROM can. It is asked about the one connection (socket_diag.hpp),
// and read from the list of all, /proc/net/tcp and tcp6 (proc(5)), where it gives no answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ie {

// A connection as its server sees it.
struct tcp_connection {
    std::string client_address;
    uint16_t client_port = 0;
    std::string server_address;
    uint16_t server_port = 0;
};

enum class client_end : uint8_t {
    elsewhere,  // not on this machine, or not in this network namespace
    gone,       // was here, and has hung up: the kernel doesn't say any more whose it was
    here,
};

struct client_owner {
    client_end end = client_end::elsewhere;
    uint32_t uid = 0;  // of a client that is here

    bool operator==(const client_owner&) const = default;
};

// Looks up a client whose address is loopback, or the server's own.
client_owner owner_of_client(const tcp_connection& connection);

// By the list of all: a microsecond or two for each socket of this machine.
client_owner listed_owner(const tcp_connection& connection);

// How /proc/net/tcp (four bytes) and tcp6 write an address and port: the words of the address in
// this machine's byte order. Empty where it is no address. Pure.
struct table_addresses {
    std::string v4;
    std::string v6;
};
table_addresses table_form(const std::string& address, uint16_t port);

// What the lines of such a table say of a connection, taken in one after the other. Pure.
class table_search {
  public:
    table_search(std::string client, std::string server)
        : client_(std::move(client)), server_(std::move(server)) {}

    void take(std::string_view line);
    const client_owner& found() const { return found_; }

  private:
    std::string client_;
    std::string server_;
    client_owner found_;
};

}  // namespace ie
