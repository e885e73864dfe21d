#include "config/system/exim_setup/exim_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "config/system/whole_file.hpp"
#include "messages/text.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds between_hangups{500};
constexpr std::chrono::milliseconds between_looks{20};

// The process of a pid file, if it is an Exim; else 0.
pid_t daemon_of(const std::string& pid_file) {
    std::ifstream in(pid_file);
    pid_t process = 0;
    if (!(in >> process) || process <= 1) return 0;
    std::error_code code;
    const auto program = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", code);
    return !code && program.filename().string().starts_with("exim") ? process : 0;
}

// Whether a SIGHUP reaches it. A daemon that is being started, or starts itself anew, ignores it
// until it listens. (proc(5): SigCgt, a mask in hex.)
bool takes_hangups(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    const std::string name = "SigCgt:";
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(name)) continue;
        return (std::strtoull(line.c_str() + name.size(), nullptr, 16) >> (SIGHUP - 1) & 1) != 0;
    }
    return false;
}

// Another one after each exec, as the kernel draws its addresses. (proc(5): auxv.)
std::string image_of(pid_t process) {
    const auto file = read_file("/proc/" + std::to_string(process) + "/auxv");
    return file && *file ? (*file)->text : std::string{};
}

// False where none runs. Fails: unavailable.
// A daemon acts on a SIGHUP by executing itself. One that it gets while it makes its TLS key,
// after it began to listen, it only remembers until the next connection; hence not told once, but
// until it is seen to do so. Then it has time to listen again.
outcome<bool> reload_daemon(const std::string& pid_file, std::chrono::milliseconds time_max) {
    const pid_t process = daemon_of(pid_file);
    if (process == 0) return false;
    const std::string image = image_of(process);
    const std::string which = "process " + std::to_string(process) + " of " + pid_file;
    using clock = std::chrono::steady_clock;
    const auto until = clock::now() + time_max;
    std::optional<clock::time_point> told;
    const auto runs = [&] { return daemon_of(pid_file) == process; };
    while (runs() && image_of(process) == image) {
        const auto now = clock::now();
        if (takes_hangups(process) && (!told || now - *told >= between_hangups)) {
            if (::kill(process, SIGHUP) != 0 && errno != ESRCH)
                return fail(error_code::unavailable, pid_file + ": " + errno_text(errno));
            told = now;
        }
        if (now >= until) {
            return fail(error_code::unavailable,
                        which + (told ? " doesn't start anew on SIGHUP"
                                      : " takes no SIGHUP yet, as if it waited for its port"));
        }
        std::this_thread::sleep_for(between_looks);
    }
    while (runs() && !takes_hangups(process) && clock::now() < until) {
        std::this_thread::sleep_for(between_looks);
    }
    const bool one_runs = daemon_of(pid_file) != 0;
    if (told && !one_runs)
        return fail(error_code::unavailable, which + " ended when it was told; see Exim's log");
    return one_runs;
}

}  // namespace

outcome<std::string> exim_setting(const std::string& exim, const std::string& name) {
    auto said = output_of_program({{exim, "-bP", name}, ""});
    if (!said) return said.failure();
    std::istringstream lines(*said);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + " = ")) return line.substr(name.size() + 3);
        if (line == name || line == name + " =") return std::string();
        if (line.starts_with("/") && name == "configure_file") return line;
    }
    return fail(error_code::unavailable,
                exim + " -bP " + name + ": " + std::string(trimmed(*said)));
}

outcome<int> reload_daemons(const std::string& exim, std::chrono::milliseconds time_max) {
    const auto pid_file = exim_setting(exim, "pid_file_path");
    if (!pid_file) return pid_file.failure();
    const auto runners = fs::path(*pid_file).parent_path() / "eximqr.pid";  // Debian's, if separate
    int reloaded = 0;
    for (const auto& file : {*pid_file, runners.string()}) {
        const auto done = reload_daemon(file, time_max);
        if (!done) return done.failure();
        if (*done) ++reloaded;
    }
    return reloaded;
}

outcome<bool> has_router(const std::string& exim, const std::string& name) {
    const auto said = run_program({{exim, "-bP", "router", name}, ""});
    if (!said) return said.failure();
    if (said->status == 0) return true;
    if (said->output.find(name + " not found") != std::string::npos) return false;
    return fail(error_code::unavailable,
                exim + " -bP router " + name + ": " + std::string(trimmed(said->output)));
}

// With a space before it, or one that begins with a macro would be taken for that macro's
// definition.
outcome<nothing> check_expression(const std::string& exim, const expression& each,
                                  const std::vector<std::string>& macros) {
    std::vector<std::string> words = {exim};
    for (const auto& macro : macros) words.push_back("-D" + macro);
    words.push_back("-be");
    const auto said = output_of_program({words, " " + each.text + "\n"});
    const std::string which = each.place + ": " + each.name;
    if (!said) return fail(error_code::conflict, which + ": " + said.failure().what);
    const size_t failure = said->find("Failed: ");
    // A failure that the text asks for where it finds nothing is none.
    if (failure == said->npos || said->find("\"fail\" requested") != said->npos) return nothing{};
    const std::string why(trimmed(said->substr(failure)));
    return fail(error_code::conflict, which + " can't be expanded: " + printable(why));
}

}  // namespace ie::exim
