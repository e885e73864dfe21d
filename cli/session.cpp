#include "cli/session.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "config/system/file_handle.hpp"

namespace ie::cli {
namespace {

bool somebody_listens(std::string_view endpoint) {
    constexpr std::string_view ipc = "ipc://";
    sockaddr_un address{};
    if (!endpoint.starts_with(ipc)) return false;
    const std::string_view path = endpoint.substr(ipc.size());
    if (path.size() >= sizeof address.sun_path) return false;
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    const file_handle probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    // EAGAIN: its backlog is full
    return probe && (::connect(probe.get(), at, sizeof address) == 0 || errno == EAGAIN);
}

// Root goes through the door that nobody else can crowd, where there is one: an engine of an older
// version has only the other.
std::string endpoint_in(const configuration& settings) {
    const std::string& endpoint = settings.engine.endpoint;
    if (geteuid() != 0) return endpoint;
    const std::string trusted = settings.engine.endpoint_of_trusted();
    const bool is_older = trusted != endpoint && trusted.starts_with("ipc://") &&
                          !somebody_listens(trusted) && somebody_listens(endpoint);
    return is_older ? endpoint : trusted;
}

// Nobody but root may be able to read the file: then the engine is where it usually is. A file that
// is there and wrong may name another engine, so that one isn't guessed.
outcome<std::string> endpoint_of(const session& self) {
    if (!self.endpoint.empty()) return self.endpoint;
    if (const auto named = environment("IE_ENDPOINT"); !named.empty()) {
        auto parsed = parse_endpoint(named);
        if (parsed) return parsed;
        return fail(error_code::bad_request, "IE_ENDPOINT: " + parsed.failure().what);
    }
    const auto settings = load_settings(self.config_path);
    if (settings) return endpoint_in(*settings);
    if (settings.failure().code == error_code::not_found) return endpoint_in({});
    return settings.failure();
}

std::string_view usual_remedy(error_code code) {
    switch (code) {
        case error_code::unavailable:
            return "see 'systemctl status ie-engine', or name another place with --endpoint";
        case error_code::deadline_exceeded:
            return "see 'ie-cli status', or wait longer with --timeout SECONDS";
        case error_code::busy:
            return "try again in a moment";
        case error_code::not_permitted:
            return "run it as root, or for your own account only";
        case error_code::not_found:
            return "'ie-cli emails list' shows what there is";
        case error_code::conflict:
            return "look again with 'ie-cli emails list'";
        case error_code::delivery_failed:
            return "see 'ie-cli logs --actor courier' and Exim's log";
        case error_code::internal:
        case error_code::storage_failed:
            return "see 'ie-cli logs --level error'";
        case error_code::unsupported_version:
        case error_code::unknown_request:
            return "engine and tools are of different versions: restart ie-engine, or install the "
                   "same version of both";
        case error_code::limit_reached:
            return "'ie-cli accounts list' shows the limit, an administrator can change it";
        case error_code::bad_request:
        case error_code::too_large:
            return "see --help, or ie-cli(1)";
    }
    return "see 'ie-cli logs --level error'";
}

void write(std::FILE* out, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), out);
    std::fflush(out);
}

void tell_json(error_code code, const std::string& what) {
    const json failure{{"code", name_of(code)}, {"message", what}};
    print(json_text(json{{"success", false}, {"error", failure}}));
}

}  // namespace

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
    return value == nullptr ? "" : value;
}

std::string default_config_path() {
    const std::string named = environment("IE_CONFIG");
    return named.empty() ? std::string(settings_path_default) : named;
}

outcome<client> connect(const session& self, uint32_t more_s) {
    auto endpoint = endpoint_of(self);
    if (!endpoint) return endpoint.failure();
    client_options options;
    options.endpoint = std::move(*endpoint);
    options.timeout_ms = 1000 * (self.timeout_s > 0 ? self.timeout_s : default_timeout_s + more_s);
    options.server_public_key =
        self.server_key.empty() ? environment("IE_SERVER_KEY") : self.server_key;
    options.secret_key_file =
        self.secret_key_file.empty() ? environment("IE_SECRET_KEY_FILE") : self.secret_key_file;
    return client(options);
}

exit_code exit_of(error_code code) {
    switch (code) {
        case error_code::unavailable:
        case error_code::deadline_exceeded:
            return exit_code::unreachable;
        case error_code::not_permitted:
            return exit_code::not_permitted;
        default:
            return exit_code::failed;
    }
}

std::string advice(const error& failure, std::string_view remedy) {
    const std::string what = failure.what.empty() ? "no reason given" : printable(failure.what);
    return (what + "; ").append(remedy.empty() ? usual_remedy(failure.code) : remedy);
}

std::string advice_with_code(const error& failure, std::string_view remedy) {
    return std::string(name_of(failure.code)) + ": " + advice(failure, remedy);
}

exit_code report(const session& self, const error& failure, std::string_view remedy) {
    if (self.json) {
        tell_json(failure.code, advice(failure, remedy));
    } else {
        print_error(self.program + ": " + advice_with_code(failure, remedy) + "\n");
    }
    return exit_of(failure.code);
}

exit_code report_missing(const session& self, const error& failure, std::string_view remedy) {
    const bool missing =
        failure.code == error_code::not_found || failure.code == error_code::conflict;
    return report(self, failure, missing ? remedy : std::string_view{});
}

exit_code report_usage(const session& self, const std::string& what, const std::string& command) {
    const std::string line = printable(what) + "; see '" + command + " --help'";
    if (self.json) {
        tell_json(error_code::bad_request, line);
    } else {
        print_error(command + ": " + line + "\n");
    }
    return exit_code::wrong_usage;
}

void print(std::string_view text) {
    write(stdout, text);
}
void print_error(std::string_view text) {
    write(stderr, text);
}

bool on_terminal() {
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

progress::progress() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

progress::~progress() {
    if (shown_) print_error("\r\x1b[K");
}

void progress::show(const std::string& text) {
    if (!on_terminal_) return;
    print_error("\r\x1b[K" + text);
    shown_ = true;
}

}  // namespace ie::cli
