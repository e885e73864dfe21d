// `ie-cli am stats`: the Activity Monitor's numbers as JSON, laid out as the seed shows it.
#include "cli/am.hpp"
#include "cli/paging.hpp"
#include "messages/activity.hpp"

namespace ie::cli {
namespace {

struct stats_flags {
    get_activity request;
    std::string account;
    uint32_t limit = 25;
};

// The seed's: the document by two, what stands below its list of accounts by four.
size_t column(size_t depth) {
    return depth <= 2 ? by_two(depth) : by_four(depth - 1);
}

void null_where_empty(json& object, const char* key) {
    if (object[key].empty()) object[key] = nullptr;
}

// What only an account's owner is shown, or isn't: how much may still be sent.
void settle_remaining(json& object, bool own_view) {
    if (!own_view) {
        object.erase("remaining");
    } else if (object["remaining"] < 0) {
        object["remaining"] = nullptr;
    }
}

json json_of_domain(const domain_activity& domain, bool own_view) {
    json out = json_of(domain);
    settle_remaining(out, own_view);
    for (auto& sender : out["sender_emails"]) settle_remaining(sender, own_view);
    null_where_empty(out, "sender_emails");
    return out;
}

json json_of_script(const sender_activity& script, bool own_view) {
    json out = json_of(script);
    out.erase("domain_id");
    settle_remaining(out, own_view);
    return out;
}

json json_of_hold(const last_hold& hold) {
    json out = json_of(hold);
    json texts = json::array();
    for (const auto& hit : hold.limits) texts.push_back(valid_utf8(limit_text(hit)));
    out["limits"] = std::move(texts);
    return out;
}

json json_of_account(const account_activity& account, bool own_view) {
    json out = json_of(account);
    out["domains"] = json::array();
    for (const auto& each : account.domains) out["domains"] += json_of_domain(each, own_view);
    out["scripts"] = json::array();
    for (const auto& each : account.scripts) out["scripts"] += json_of_script(each, own_view);
    null_where_empty(out, "domains");
    null_where_empty(out, "scripts");
    settle_remaining(out, own_view);
    if (own_view && account.last_held.held_at_s > 0) {
        out["last_held"] = json_of_hold(account.last_held);
    } else {
        out.erase("last_held");
    }
    return out;
}

exit_code run_stats(const session& self, const stats_flags& flags) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    get_activity request = flags.request;
    request.account = account_name(flags.account);
    const auto activity =
        fetch_pages(*engine, request, flags.limit, &activity_report::accounts,
                    each_id_once(&activity_report::accounts, &account_activity::id));
    if (!activity) {
        return report_missing(self, activity.failure(),
                              "'ie-cli am stats' without filters shows what there is");
    }
    json accounts = json::array();
    for (const auto& each : activity->accounts) {
        accounts.push_back(json_of_account(each, activity->own_view));
    }
    print(json_text(json{{"accounts", std::move(accounts)}}, column));
    return exit_code::done;
}

}  // namespace

void add_am_stats(CLI::App& am, session& self) {
    auto flags = std::make_shared<stats_flags>();
    auto& request = flags->request;
    auto* stats = add_command(am, "stats",
                              "stats (statistics) returns the aggregated view of senders objects "
                              "with various filters");
    add_account(*stats, flags->account)->group(further_group);
    add_text(*stats, "--account-name", request.account_filter, "string", "Account name to filter");
    add_text(*stats, "--domain", request.domain_filter, "string", "Domain to filter");
    add_limit(*stats, "--limit", flags->limit,
              "How many results to return (pagination). The limit applied only for number of "
              "accounts in response");
    add_offset(*stats, request.offset, "From which offset results to return (pagination)");
    add_text(*stats, "--script-name", request.script_filter, "string", "Script name to filter");
    add_text(*stats, "--sender-email", request.sender_filter, "string", "Sender email to filter");
    add_since(*stats, "--since", request.since_s)->default_str("\"1h\"");
    on_run(stats, self, [&self, flags] { return run_stats(self, *flags); });
}

}  // namespace ie::cli
