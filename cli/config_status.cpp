#include <algorithm>

#include "cli/config_commands.hpp"
#include "cli/probe.hpp"
#include "cli/service_unit.hpp"
#include "config/system/exim_setup/setup.hpp"

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

// The services that the seed names, and what does their work here. Pure.
void name_parts_of_engine(std::vector<finding>& all) {
    const auto runs = [&](std::string_view part) {
        return std::any_of(all.begin(), all.end(),
                           [&](const finding& each) { return each.what == part && each.good; });
    };
    all.push_back({"ie-quarantine", runs("quarantine"), "the engine's part quarantine"});
    all.push_back({"ie-notification", runs("ie-engine"),
                   "the engine's log has each decision; nobody is sent mail about one"});
    all.push_back({"ie-dec-node", true,
                   "there is no model in this version: Rspamd and the engine's rules judge", true});
}

void ask_engine(const session& self, std::vector<finding>& all) {
    auto engine = connect(self);
    const outcome<engine_status> status =
        engine ? engine->ask<engine_status>(get_status{}) : engine.failure();
    if (!status) {
        const bool gone = status.failure().code == error_code::unavailable;
        const std::string remedy = gone ? unit_advice("ie-engine.service") : "";
        all.push_back({"ie-engine", false, advice_with_code(status.failure(), remedy)});
        name_parts_of_engine(all);
        return;
    }
    const std::string version = "version " + status->engine_version;
    all.push_back({"ie-engine", !status->draining,
                   status->draining ? version + ", it is being stopped" : version});
    for (const auto& actor : status->actors) all.push_back(of_actor(actor));
    name_parts_of_engine(all);
}

finding ask_release(const configuration& settings) {
    const auto found = look_for_listener(settings.courier.socket);
    if (found) return {"ie-release", true, settings.courier.socket};
    return {"ie-release", false, found.failure().what + "; " + unit_advice("ie-release.socket")};
}

// Its LMTP side greets (RFC 2033): so it is known that it not only listens but works.
// What else is wrong with it stands in its greeting.
void ask_hook(const configuration& settings, std::vector<finding>& all) {
    constexpr const char* what = "ie-exim-hook";
    const auto absent = [&](const error& failure) {
        all.push_back({what, false, failure.what + "; " + unit_advice("ie-exim-hook.service")});
    };
    if (const auto knocked = knock(settings.hook.judge_socket); !knocked) {
        return absent(knocked.failure());
    }
    const auto said = greeting(settings.hook.lmtp_socket);
    if (!said) return absent(said.failure());
    all.push_back({what, said->starts_with("220"), *said});
    const size_t trouble = said->find("; ");
    if (trouble != said->npos) all.push_back({"hook log", false, said->substr(trouble + 2)});
}

finding ask_rspamd(const configuration& settings) {
    std::string url = settings.rspamd.url;
    while (url.ends_with('/')) url.pop_back();
    const auto pong = http_get(url + "/ping");
    if (pong) return {"rspamd", true, url};
    return {"rspamd", false, pong.failure().what + "; " + unit_advice("rspamd.service")};
}

// Those that were asked for; all where none were. Fails: bad_request.
outcome<std::vector<finding>> chosen(const std::vector<finding>& all,
                                     const std::vector<std::string>& names) {
    if (names.empty()) return all;
    std::vector<finding> found;
    for (const auto& name : names) {
        const auto at = std::find_if(all.begin(), all.end(),
                                     [&](const finding& each) { return each.what == name; });
        if (at == all.end()) {
            std::string known;
            for (const auto& each : all) known += (known.empty() ? "" : ", ") + each.what;
            return fail(error_code::bad_request,
                        "no part is called '" + name + "'; there are " + known);
        }
        found.push_back(*at);
    }
    return found;
}

// Is the filter in Exim as it was put there?
finding ask_exim(const configuration& settings, const std::string& fragments) {
    constexpr const char* what = "exim filter";
    exim::setup_options options;
    options.fragments = fragments;
    options.layout = exim::detected_layout();
    const auto found = exim::find_filter(settings, options);
    if (!found) return {what, false, found.failure().what};
    std::string text(name_of(found->state));
    if (!found->text.empty()) text += ": " + found->text;
    if (found->state == exim::filter_state::enabled) return {what, true, text};
    return {what, false, text + "; run 'ie-config enable'"};
}

exit_code run_status(const session& self, const std::vector<std::string>& names,
                     const std::string& fragments) {
    const auto settings = load_settings(self.config_path);
    if (!settings) return report(self, settings.failure(), "see 'ie-config check'");
    std::vector<finding> all;
    ask_engine(self, all);
    all.push_back(ask_release(*settings));
    ask_hook(*settings, all);
    all.push_back(ask_rspamd(*settings));
    all.push_back(ask_exim(*settings, fragments));
    all.push_back(find_license(self, *settings));
    const auto wanted = chosen(all, names);
    if (!wanted) return report_usage(self, wanted.failure().what, "ie-config status");
    return print_findings(self, *wanted, {"running", "not running"});
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

void add_fragments(CLI::App& command, std::string& folder) {
    command.add_option("--fragments", folder, "the folder with Exim's fragments")
        ->type_name("string")
        ->group(further_group);
}

void add_config_status(CLI::App& program, session& self) {
    auto* status = add_command(program, "status",
                               "print which services and actors run; exit code 0 if all do");
    add_json(*status, self);
    auto names = std::make_shared<std::vector<std::string>>();
    status->add_option("part", *names, "only these")->type_name("[part]...");
    const auto fragments = std::make_shared<std::string>(exim::fragments_folder);
    add_fragments(*status, *fragments);
    on_run(status, self,
           [&self, names, fragments] { return run_status(self, *names, *fragments); });
}

}  // namespace ie::cli
