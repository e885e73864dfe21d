#include "cli/config_commands.hpp"
#include "cli/probe.hpp"

namespace ie::cli {
namespace {

finding of_actor(const actor_status& actor) {
    std::string text = actor.detail;
    if (!actor.last_error.empty()) {
        text += (text.empty() ? "" : "; ") + ("last error: " + actor.last_error);
    }
    const bool runs = actor.state == actor_state::running;
    if (!runs) text = std::string(name_of(actor.state)) + (text.empty() ? "" : ": ") + text;
    return {actor.actor, runs, text};
}

void ask_engine(const session& self, std::vector<finding>& all) {
    auto engine = connect(self);
    const outcome<engine_status> status =
        engine ? engine->ask<engine_status>(get_status{}) : engine.failure();
    if (!status) {
        all.push_back({"ie-engine", false, advice_with_code(status.failure())});
        return;
    }
    const std::string version = "version " + status->engine_version;
    all.push_back({"ie-engine", !status->draining,
                   status->draining ? version + ", it is being stopped" : version});
    for (const auto& actor : status->actors) all.push_back(of_actor(actor));
}

// Its LMTP side greets (RFC 2033): so it is known that it not only listens but works.
finding ask_hook(const settings_file& settings) {
    const finding absent{"ie-exim-hook", false, ""};
    if (const auto knocked = knock(settings.hook.judge_socket); !knocked) {
        return {absent.what, false,
                knocked.failure().what + "; see 'systemctl status ie-exim-hook'"};
    }
    const auto said = greeting(settings.hook.lmtp_socket);
    if (!said) {
        return {absent.what, false, said.failure().what + "; see 'systemctl status ie-exim-hook'"};
    }
    return {absent.what, said->starts_with("220"), *said};
}

finding ask_rspamd(const settings_file& settings) {
    std::string url = settings.rspamd.url;
    while (url.ends_with('/')) url.pop_back();
    const auto pong = http_get(url + "/ping");
    if (pong) return {"rspamd", true, url};
    return {"rspamd", false, pong.failure().what + "; see 'systemctl status rspamd'"};
}

exit_code run_status(const session& self) {
    const auto settings = load_settings(self.config_path);
    if (!settings) return report(self, settings.failure(), "see 'ie-config check'");
    std::vector<finding> all;
    ask_engine(self, all);
    all.push_back(ask_hook(*settings));
    all.push_back(ask_rspamd(*settings));
    return print_findings(self, all, {"running", "not running"});
}

}  // namespace

exit_code print_findings(const session& self, const std::vector<finding>& all,
                         const finding_words& words) {
    bool good = true;
    std::vector<row> rows;
    json items = json::array();
    for (const auto& each : all) {
        good = good && (each.good || each.skipped);
        const char* state = each.good ? words.good : words.bad;
        rows.push_back({each.what, each.skipped ? "skipped" : state, each.text});
        items.push_back(json_of(each));
        if (each.skipped) items.back()["ok"] = nullptr;
    }
    print(self.json ? json_text(json{{"success", good}, {"items", std::move(items)}})
                    : table(rows));
    return good ? exit_code::done : exit_code::failed;
}

void add_config_status(CLI::App& program, session& self) {
    auto* status = add_command(program, "status",
                               "print which services and actors run; exit code 0 if all do");
    add_json(*status, self);
    on_run(status, self, [&self] { return run_status(self); });
}

}  // namespace ie::cli
