#include "cli/service_unit.hpp"

#include <filesystem>
#include <iterator>
#include <sstream>

#include "config/system/run_program.hpp"

namespace ie::cli {
namespace {

constexpr const char* systemd_runs = "/run/systemd/system";  // sd_booted(3)
constexpr const char* systemctl = "/usr/bin/systemctl";
const std::vector<std::string> units{"ie-release.socket", "ie-engine.service",
                                     "ie-exim-hook.service"};

std::string value_of(const std::string& shown, const std::string& key) {
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(key + "=")) return line.substr(key.size() + 1);
    }
    return {};
}

outcome<nothing> set_services(const std::string& verb) {
    constexpr int stop_ms_max = 180'000;  // an engine that drains, and then is killed
    program_call call{{systemctl, verb, "--now", "--quiet"}, "", stop_ms_max};
    call.arguments.insert(call.arguments.end(), units.begin(), units.end());
    if (!std::filesystem::exists(systemd_runs)) {
        return fail(error_code::unavailable,
                    "systemd doesn't run here, which would have to: " + command_text(call));
    }
    const auto done = output_of_program(call);
    if (!done) return done.failure();
    return nothing{};
}

std::string command(const std::string& verb, const std::string& unit) {
    return "'systemctl " + verb + " " + unit + "'";
}

}  // namespace

std::string unit_advice(const std::string& unit, const std::string& shown) {
    const std::string load = value_of(shown, "LoadState");
    const std::string active = value_of(shown, "ActiveState");
    const std::string file = value_of(shown, "UnitFileState");
    if (load == "not-found") return unit + " isn't installed; install the package that has it";
    if (load == "masked") return command("unmask", unit) + ", then " + command("start", unit);
    if (active == "failed") {
        return "it failed: 'journalctl -u " + unit + "' says why, " + command("restart", unit) +
               " starts it";
    }
    const std::string restarts = value_of(shown, "NRestarts");
    if (active == "activating" && !restarts.empty() && restarts != "0") {
        return "it ends each time that it is started: 'journalctl -u " + unit + "' says why";
    }
    if (active == "activating") return "it is starting; ask again in a moment";
    if (active == "active") {
        return "it was started but doesn't answer; see " + command("status", unit);
    }
    if (active == "inactive") {
        return command(file == "disabled" ? "enable --now" : "start", unit) + " starts it";
    }
    return "see " + command("status", unit);
}

std::string unit_advice(const std::string& unit) {
    std::string shown;
    if (std::filesystem::exists(systemd_runs)) {
        const auto said =
            output_of_program({{systemctl, "show",
                                "--property=LoadState,ActiveState,NRestarts,UnitFileState", unit}});
        if (said) shown = *said;
    }
    return unit_advice(unit, shown);
}

std::vector<std::string> groups_of_unit(const std::string& unit) {
    if (!std::filesystem::exists(systemd_runs)) return {};
    const auto shown =
        output_of_program({{systemctl, "show", "--value", "-p", "SupplementaryGroups", unit}});
    std::istringstream words(shown ? *shown : std::string{});
    return {std::istream_iterator<std::string>(words), {}};
}

outcome<nothing> start_services() {
    return set_services("enable");
}

outcome<nothing> stop_services() {
    return set_services("disable");
}

}  // namespace ie::cli
