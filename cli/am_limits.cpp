// `ie-cli am limit`: limits of single sender objects (seed, Usage of limit subcommand).
#include "cli/am.hpp"
#include "messages/json.hpp"

namespace ie::cli {
namespace {

// In JSON what was done, else the seed's "OK".
exit_code tell_done(const session& self, const char* key, json what) {
    const json done{{"success", true}, {key, std::move(what)}};
    print(self.json ? json_text(done) : "OK\n");
    return exit_code::done;
}

exit_code run_change(const session& self, const change_limits& request) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto changed = engine->ask<limit_list>(request);
    if (!changed) return report_missing(self, changed.failure(), ids_remedy);
    return tell_done(self, "items", json_of(changed->items));
}

exit_code run_reset(const session& self, const reset_counts& request) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto done = engine->ask<counts_reset>(request);
    if (!done) return report_missing(self, done.failure(), ids_remedy);
    return tell_done(self, "reset", json_of(done->ids));
}

std::string limit_cell(int64_t limit) {
    return limit == 0 ? "unlimited" : std::to_string(limit);
}

std::string limits_text(const limit_list& list) {
    std::vector<row> rows{{"Id", "Type", "Account", "Name", "Limit"}};
    for (const auto& each : list.items) {
        rows.push_back({each.id.value, std::string(name_of(each.kind)), each.account.value,
                        each.object, limit_cell(each.limit)});
    }
    return table(rows);
}

exit_code run_list(const session& self) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto list = engine->ask<limit_list>(list_limits{});
    if (!list) return report(self, list.failure());
    print(self.json ? json_text(json_of(*list)) : limits_text(*list));
    return exit_code::done;
}

void add_id(CLI::App& command, std::vector<object_id>& ids) {
    add_value(command, "--id", ids, "string", "The id of sender object", parse_object_ids)
        ->required()
        ->group(flags_group);
}

void add_type(CLI::App& command, sender_kind& kind) {
    add_value(command, "--so-type", kind, "string",
              "supported values: [account domain sender_email script]", parse_name<sender_kind>)
        ->required()
        ->group(flags_group);
}

void add_set(CLI::App& limit, session& self) {
    auto request = std::make_shared<change_limits>();
    auto* set = add_command(limit, "set", "set limit for the sender object(s)");
    add_id(*set, request->ids);
    add_value(*set, "--limit", request->limit, "int", "The limit value, 0 means unlimited",
              [](std::string_view text) {
                  return parse_number_or_none(text, {0, change_limits::limit_max});
              })
        ->default_str("-1")
        ->group(flags_group);
    add_type(*set, request->kind);
    on_run(set, self, [&self, request] { return run_change(self, *request); });
}

void add_remove(CLI::App& limit, session& self) {
    auto request = std::make_shared<change_limits>();
    auto* remove = add_command(
        limit, "remove",
        "remove limit of the sender object(s), the limit of the server is applied to them again");
    add_id(*remove, request->ids);
    add_type(*remove, request->kind);
    on_run(remove, self, [&self, request] { return run_change(self, *request); });
}

void add_reset(CLI::App& limit, session& self) {
    auto request = std::make_shared<reset_counts>();
    auto* reset =
        add_command(limit, "reset", "forget what the sender object(s) have sent in the last hour");
    add_id(*reset, request->ids);
    on_run(reset, self, [&self, request] { return run_reset(self, *request); });
}

}  // namespace

void add_am_limit(CLI::App& am, session& self) {
    auto* limit = add_group(am, "limit",
                            "The limit value of sender object can be applied on particular domain, "
                            "sender email and account");
    auto* list = add_command(*limit, "list", "list sender objects that have a limit of their own");
    add_json(*list, self);
    on_run(list, self, [&self] { return run_list(self); });
    add_remove(*limit, self);
    add_reset(*limit, self);
    add_set(*limit, self);
}

}  // namespace ie::cli
