#include "gateway/exim_hook/socket_owner.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

#include "gateway/exim_hook/socket_diag.hpp"

namespace ie {
namespace {

// Columns of a line, counted from 0.
constexpr size_t local_column = 1;
constexpr size_t remote_column = 2;
constexpr size_t state_column = 3;
constexpr size_t uid_column = 7;
constexpr size_t inode_column = 9;
constexpr size_t columns = 10;
constexpr std::string_view listening = "0A";

std::string hex(uint64_t value, size_t digits) {
    constexpr std::string_view all = "0123456789ABCDEF";
    std::string out(digits, '0');
    for (size_t i = digits; i-- > 0; value >>= 4) out[i] = all[value & 15];
    return out;
}

// Sixteen bytes in network order.
std::string words(const unsigned char* bytes) {
    std::string out;
    for (size_t i = 0; i < 16; i += 4) {
        uint32_t word = 0;
        std::memcpy(&word, bytes + i, sizeof word);
        out += hex(word, 8);
    }
    return out;
}

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

client_owner search_table(const char* path, const std::string& client, const std::string& server) {
    if (client.empty() || server.empty()) return {};
    table_search search(client, server);
    std::ifstream table(path);
    for (std::string line; std::getline(table, line);) {
        search.take(line);
        if (search.found().end == client_end::here) break;
    }
    return search.found();
}

}  // namespace

table_addresses table_form(const std::string& address, uint16_t port) {
    const std::string ending = ":" + hex(port, 4);
    unsigned char bytes[16] = {};
    if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) return {{}, words(bytes) + ending};
    unsigned char* const four = bytes + 12;
    if (inet_pton(AF_INET, address.c_str(), four) != 1) return {};
    uint32_t word = 0;
    std::memcpy(&word, four, sizeof word);
    bytes[10] = bytes[11] = 0xFF;  // RFC 4291, section 2.5.5.2
    return {hex(word, 8) + ending, words(bytes) + ending};
}

// A socket that nobody has open any more stands there with uid 0 and inode 0, and not for ever.
// That the connection was of this machine is then known by the server's own end, or its listener.
void table_search::take(std::string_view line) {
    std::array<std::string_view, columns> column;
    for (auto& each : column) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        each = line.substr(0, line.find(' '));
        line.remove_prefix(each.size());
    }
    const std::string_view local = column[local_column];
    const std::string_view remote = column[remote_column];
    const std::string_view inode = column[inode_column];
    if (local == client_ && remote == server_ && !inode.empty() && inode != "0") {
        const std::string_view digits = column[uid_column];
        uint32_t uid = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), uid);
        if (read.ec == std::errc{} && read.ptr == digits.data() + digits.size()) {
            found_ = {client_end::here, uid};
        }
        return;
    }
    const std::string_view port = std::string_view(server_).substr(server_.rfind(':'));
    const bool listens = column[state_column] == listening && local.ends_with(port);
    const bool is_our_end = local == server_ && remote == client_;
    if (found_.end == client_end::elsewhere && (listens || is_our_end)) {
        found_.end = client_end::gone;
    }
}

client_owner owner_of_client(const tcp_connection& connection) {
    const bool is_near = is_loopback(connection.client_address) ||
                         connection.client_address == connection.server_address;
    if (!is_near || connection.client_address.empty()) return {};
    const auto diagnosed = diagnosed_owner(connection);
    return diagnosed ? *diagnosed : listed_owner(connection);
}

client_owner listed_owner(const tcp_connection& connection) {
    const auto client = table_form(connection.client_address, connection.client_port);
    const auto server = table_form(connection.server_address, connection.server_port);
    const auto v4 = search_table("/proc/net/tcp", client.v4, server.v4);
    if (v4.end == client_end::here) return v4;
    const auto v6 = search_table("/proc/net/tcp6", client.v6, server.v6);
    return v6.end != client_end::elsewhere ? v6 : v4;
}

}  // namespace ie
