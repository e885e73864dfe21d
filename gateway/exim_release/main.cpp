// ie-release: becomes the `exim -bs` that takes one released mail. Started for each connection to
// its socket, which is its standard input and output (inetd's way), as the engine's user: so the
// engine, which reads strangers' mail, needs no setuid program and none of the rights to start one.
// The first line is `release ID`; all else is between the engine and Exim.

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>

#include "config/configuration.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace {

constexpr size_t line_bytes_max = 64;
constexpr int line_wait_ms = 10'000;
constexpr std::string_view command = "release ";

// Without its end, and not a byte further: the rest is Exim's. Nothing where none comes.
std::optional<std::string> first_line() {
    const int64_t until_ms = ie::steady_now_ms() + line_wait_ms;
    std::string line;
    while (line.size() < line_bytes_max) {
        pollfd waiting{STDIN_FILENO, POLLIN, 0};
        const int64_t left_ms = until_ms - ie::steady_now_ms();
        if (left_ms <= 0 || ::poll(&waiting, 1, static_cast<int>(left_ms)) != 1) break;
        char byte = 0;
        if (::read(STDIN_FILENO, &byte, 1) != 1) break;
        if (byte == '\n') return line;
        line += byte;
    }
    return std::nullopt;
}

// The engine shows it as Exim's greeting, the administrator finds it in the log.
int refuse(const std::string& why) {
    std::fprintf(stderr, "ie-release: %s\n", why.c_str());
    std::printf("554 5.3.0 ie-release: %s\r\n", why.c_str());
    return 1;
}

// The marker and the mail's id stand where no untrusted user can set them; without -bnq and -G Exim
// would complete unqualified addresses and add a Message-ID, a Date or a From that the sender left
// out (Exim's specification, chapters 5 and 48).
int become_exim(const std::string& program, const std::string& id) {
    const std::array<const char*, 9> arguments{
        program.c_str(), "-bnq", "-G", "-oMt", "ie-release", "-oMai", id.c_str(), "-bs", nullptr};
    const std::array<const char*, 2> environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", nullptr};
    ::execve(program.c_str(), const_cast<char* const*>(arguments.data()),
             const_cast<char* const*>(environment.data()));
    return refuse("can't run " + program + ": " + ie::errno_text(errno));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Becomes the exim -bs that takes one released mail; started by ie-release.socket.");
    std::string config(ie::settings_path_default);
    app.add_option("--config", config, "the settings file")->capture_default_str();
    app.set_version_flag("--version", "ie-release " IE_VERSION);
    CLI11_PARSE(app, argc, argv);

    const auto line = first_line();
    if (!line) return 0;  // somebody only looked whether the socket answers
    const std::string id = line->starts_with(command) ? line->substr(command.size()) : "";
    if (!ie::is_uuid(id)) return refuse("no mail's id: " + ie::printable(*line));
    const auto settings = ie::load_settings(config);
    if (!settings) return refuse(ie::printable(settings.failure().what));
    return become_exim(settings->courier.exim, id);
}
