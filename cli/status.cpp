#include "cli/service.hpp"

namespace ie::cli {
namespace {

exit_code run_status(const session& self) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto status = engine->ask<engine_status>(get_status{});
    if (!status) return report(self, status.failure());
    print(self.json ? json_text(json_of(*status)) : status_text(*status));
    return exit_code::done;
}

}  // namespace

std::string status_text(const engine_status& status) {
    const auto& counts = status.decisions;
    std::string out = table({
        {"Engine", status.engine_version + (status.draining ? ", draining" : ", running")},
        {"Since", date_text(status.started_at_s) + " (" +
                      duration_text(status.now_s - status.started_at_s) + ")"},
        {"Decisions", "accepted " + std::to_string(counts.accepted) + ", held " +
                          std::to_string(counts.held) + ", deferred " +
                          std::to_string(counts.deferred) + ", refused " +
                          std::to_string(counts.refused)},
    });
    std::vector<row> rows{{"Actor", "State", "Queue", "Restarts", "LastError", "Detail"}};
    for (const auto& actor : status.actors) {
        rows.push_back({actor.actor, std::string(name_of(actor.state)), std::to_string(actor.queue),
                        std::to_string(actor.restarts), or_dash(actor.last_error),
                        or_dash(actor.detail)});
    }
    return out + "\n" + table(rows);
}

void add_status(CLI::App& program, session& self) {
    auto* status =
        add_command(program, "status", "print the state of the engine and of each of its actors");
    add_json(*status, self);
    on_run(status, self, [&self] { return run_status(self); });
}

}  // namespace ie::cli
