#include "cli/incoming.hpp"

#include <functional>

#include "messages/incoming.hpp"
#include "messages/text.hpp"

namespace ie::cli {
namespace {

const char* word_of(bool on) {
    return on ? "enabled" : "disabled";
}

bool is_server(const incoming_status& status) {
    return status.account.value == root_account;
}

json json_of_status(const incoming_status& status) {
    json out = json_of(status);
    if (!is_server(status)) out.erase("opted_out");
    return out;
}

std::string status_table(const incoming_status& status) {
    std::vector<row> rows{{"Name", "Filtering"}, {"server", word_of(status.server_on)}};
    if (!is_server(status)) rows.push_back({status.account.value, word_of(status.account_on)});
    for (const auto& each : status.opted_out) rows.push_back({each.value, word_of(false)});
    return table(rows);
}

template <class Request>
exit_code run_status(const session& self, const Request& request,
                     const std::function<std::string(const incoming_status&)>& text) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto status = engine->template ask<incoming_status>(request);
    if (!status) return report_missing(self, status.failure(), "see 'ie-cli accounts list'");
    print(self.json ? json_text(json_of_status(*status)) : text(*status));
    return exit_code::done;
}

std::string changed_text(const incoming_status& status) {
    const std::string begin = "Incoming mail filtering is ";
    if (is_server(status)) return begin + word_of(status.server_on) + "\n";
    std::string text =
        begin + word_of(status.account_on) + " for account " + printable(status.account.value);
    if (status.account_on && !status.server_on) {
        text += "; the server filters nothing until 'ie-config enable-incoming'";
    }
    return text + "\n";
}

exit_code run_change(const session& self, const std::string& account, bool on) {
    return run_status(self, change_incoming{account_name{account}, on}, changed_text);
}

exit_code run_stats(const session& self, const get_incoming_stats& request) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto stats = engine->ask<incoming_stats>(request);
    if (!stats) return report(self, stats.failure());
    uint64_t spam = 0;
    uint64_t legitimate = 0;
    std::vector<row> rows{{"Date", "Spam", "Legitimate"}};
    for (const auto& day : stats->items) {
        spam += day.spam;
        legitimate += day.legitimate;
        rows.push_back({day.date, std::to_string(day.spam), std::to_string(day.legitimate)});
    }
    rows.push_back({"Total", std::to_string(spam), std::to_string(legitimate)});
    json out = json_of(*stats);
    out["spam"] = spam;
    out["legitimate"] = legitimate;
    print(self.json ? json_text(out) : table(rows));
    return exit_code::done;
}

void add_change(CLI::App& incoming, session& self, const std::string& name, bool on,
                const std::string& description) {
    auto account = std::make_shared<std::string>();
    auto* change = add_command(incoming, name, description);
    add_account(*change, *account);
    add_json(*change, self);
    on_run(change, self, [&self, account, on] { return run_change(self, *account, on); });
}

void add_status_of(CLI::App& incoming, session& self) {
    auto account = std::make_shared<std::string>();
    auto* status = add_command(incoming, "status", "print for whom incoming mail is filtered");
    add_account(*status, *account);
    add_json(*status, self);
    on_run(status, self, [&self, account] {
        return run_status(self, get_incoming{account_name{*account}}, status_table);
    });
}

void add_stats(CLI::App& incoming, session& self) {
    auto request = std::make_shared<get_incoming_stats>();
    auto* stats =
        add_command(incoming, "stats", "print how much spam and legitimate mail came, by day");
    add_account(*stats, request->account.value);
    const range allowed{1, get_incoming_stats::days_max};
    add_value(*stats, "--days", request->days, "int", "days that end today", [allowed](auto text) {
        return parse_number(text, allowed);
    })->default_str(std::to_string(request->days));
    add_json(*stats, self);
    on_run(stats, self, [&self, request] { return run_stats(self, *request); });
}

void add_switch(CLI::App& program, session& self, bool on) {
    auto* command = add_command(
        program, on ? "enable-incoming" : "disable-incoming",
        on ? "filter incoming mail: spam goes to Junk folders" : "leave incoming mail alone");
    add_json(*command, self);
    on_run(command, self, [&self, on] { return run_change(self, std::string(root_account), on); });
}

}  // namespace

void add_incoming(CLI::App& program, session& self) {
    auto* incoming = add_group(program, "incoming",
                               "filtering of incoming mail, of the server or of an account");
    add_change(*incoming, self, "disable", false, "leave incoming mail alone");
    add_change(*incoming, self, "enable", true, "filter incoming mail");
    add_stats(*incoming, self);
    add_status_of(*incoming, self);
}

void add_incoming_switches(CLI::App& program, session& self) {
    add_switch(program, self, false);
    add_switch(program, self, true);
}

}  // namespace ie::cli
