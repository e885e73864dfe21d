#include "config/license/license_file.hpp"

#include "messages/json.hpp"

namespace ie::license {
namespace {

constexpr std::string_view enabled_word = "ENABLED";
constexpr std::string_view disabled_word = "DISABLED";
constexpr std::string_view depends_word = "DEPENDS_ON_LOWER_LEVEL";
constexpr int64_t serial_max = int64_t{1} << 53;  // what every JSON reader can count to

error wrong(const std::string& place, const std::string& why) {
    return fail(error_code::bad_request, place + ": " + why);
}

// A value of an object, null where it has none.
const json& at(const json& object, std::string_view key) {
    static const json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

outcome<choice> read_choice(const json& value, const std::string& place) {
    const std::string word = value.is_string() ? value.get<std::string>() : "";
    if (word == enabled_word) return choice{true};
    if (word == disabled_word) return choice{false};
    if (word == depends_word) return choice{};
    return wrong(place, "must be ENABLED, DISABLED or DEPENDS_ON_LOWER_LEVEL");
}

outcome<std::map<std::string, choice>> read_keys(const json& keys) {
    std::map<std::string, choice> out;
    if (keys.is_null()) return out;
    if (!keys.is_object()) return wrong("keys", "must be an object");
    for (const auto& [key, value] : keys.items()) {
        const auto read = read_choice(value, "keys: " + printable(key));
        if (!read) return read.failure();
        out[key] = *read;
    }
    return out;
}

outcome<licensed_server> read_server(const json& value, const std::string& place,
                                     const license_file& license) {
    if (!value.is_object()) return wrong(place, "must be an object");
    const json& key = at(value, "key");
    if (!key.is_string() || !license.keys.contains(key.get<std::string>())) {
        return wrong(place + ": key", "must be one of the file's keys");
    }
    const auto chosen = read_choice(at(value, "imunify_email"), place + ": imunify_email");
    if (!chosen) return chosen.failure();
    if (!*chosen) return wrong(place + ": imunify_email", "there is no level below a server");
    return licensed_server{key.get<std::string>(), **chosen};
}

outcome<nothing> read_servers(const json& servers, license_file& license) {
    if (servers.is_null()) return nothing{};
    if (!servers.is_object()) return wrong("servers", "must be an object");
    for (const auto& [id, value] : servers.items()) {
        const auto read = read_server(value, "servers: " + printable(id), license);
        if (!read) return read.failure();
        license.servers[id] = *read;
    }
    return nothing{};
}

outcome<int64_t> read_serial(const json& value) {
    if (value.is_number_integer()) {
        const auto serial = value.get<int64_t>();
        if (serial >= 1 && serial <= serial_max) return serial;
    }
    return wrong("serial", "must be a whole number from 1 to 2^53");
}

// Fails: bad_request.
outcome<json> read_object(std::string_view text) {
    if (text.size() > license_bytes_max) return fail(error_code::bad_request, "larger than 1 MB");
    json root = json::parse(text, nullptr, false);
    if (!root.is_object()) return fail(error_code::bad_request, "it isn't a JSON object");
    return root;
}

}  // namespace

outcome<license_file> parse_license(std::string_view text) {
    const auto root = read_object(text);
    if (!root) return root.failure();
    license_file license;
    const auto serial = read_serial(at(*root, "serial"));
    if (!serial) return serial.failure();
    license.serial = *serial;
    const auto account = read_choice(at(*root, "account"), "account");
    if (!account) return account.failure();
    license.account = *account;
    auto keys = read_keys(at(*root, "keys"));
    if (!keys) return keys.failure();
    license.keys = std::move(*keys);
    if (const auto read = read_servers(at(*root, "servers"), license); !read) {
        return read.failure();
    }
    return license;
}

outcome<decision> decide(const license_file& license, const std::string& server) {
    if (license.account) return decision{*license.account, level::account, license.serial};
    const auto found = license.servers.find(server);
    if (found == license.servers.end()) {
        return fail(error_code::not_found, "it doesn't name this server, " + printable(server));
    }
    const choice& by_key = license.keys.at(found->second.key);
    if (by_key) return decision{*by_key, level::key, license.serial};
    return decision{found->second.enabled, level::server, license.serial};
}

std::string text_of(const decision& decided) {
    constexpr std::array<const char*, 3> whom{"all servers of the account",
                                              "all servers of the key", "this server"};
    return std::string(decided.enabled ? "enabled" : "disabled") + " for " +
           whom[static_cast<size_t>(decided.decided_by)] + " (license serial " +
           std::to_string(decided.serial) + ")";
}

std::string to_record(const decision& decided) {
    return json{{"serial", decided.serial},
                {"enabled", decided.enabled},
                {"decided_by", name_of(decided.decided_by)}}
               .dump() +
           "\n";
}

outcome<decision> read_record(std::string_view text) {
    const auto root = read_object(text);
    if (!root) return root.failure();
    const auto serial = read_serial(at(*root, "serial"));
    if (!serial) return serial.failure();
    const json& enabled = at(*root, "enabled");
    if (!enabled.is_boolean()) return wrong("enabled", "must be true or false");
    decision decided{enabled.get<bool>(), level::account, *serial};
    const json& by = at(*root, "decided_by");
    for (const auto each : {level::account, level::key, level::server}) {
        if (by != name_of(each)) continue;
        decided.decided_by = each;
        return decided;
    }
    return wrong("decided_by", "must be account, key or server");
}

}  // namespace ie::license
