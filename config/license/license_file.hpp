// What the licence's issuer has decided about the filter on a customer's servers (seed, Enabling
// Imunify Email in CLN): for the whole account, else for an activation key, else for a server.
// Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace ie::license {

inline constexpr size_t license_bytes_max = 1 << 20;

enum class level : uint8_t { account, key, server };
constexpr auto enum_names(level) {
    return std::array<std::string_view, 3>{"account", "key", "server"};
}

// What one level says; nothing: it depends on the lower level.
using choice = std::optional<bool>;

struct licensed_server {
    std::string key;  // one of the file's keys
    bool enabled = false;
};

// JSON:
//   {"serial": 7, "account": "DEPENDS_ON_LOWER_LEVEL",
//    "keys": {"KEY": "ENABLED"},
//    "servers": {"ID": {"key": "KEY", "imunify_email": "DISABLED"}}}
// A choice is ENABLED, DISABLED or, above the servers, DEPENDS_ON_LOWER_LEVEL. What else it has is
// left for later versions.
struct license_file {
    int64_t serial = 0;  // from 1; grows with each file that the issuer makes
    choice account;
    std::map<std::string, choice> keys;
    std::map<std::string, licensed_server> servers;
};

// Fails: bad_request, with the place that is wrong.
outcome<license_file> parse_license(std::string_view text);

struct decision {
    bool enabled = false;
    license::level decided_by = level::account;
    int64_t serial = 0;

    bool operator==(const decision&) const = default;
};

// The highest level that doesn't depend on a lower one decides. Fails: not_found (the server would
// have to, and isn't in the file).
outcome<decision> decide(const license_file& license, const std::string& server);

// "enabled for this server (license serial 7)"
std::string text_of(const decision& decided);

// One line of JSON, to remember what was applied, and what it says again. Fails: bad_request.
std::string to_record(const decision& decided);
outcome<decision> read_record(std::string_view text);

}  // namespace ie::license
