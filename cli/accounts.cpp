// `ie-cli accounts list` and `edit`.
#include "cli/accounts.hpp"

#include "cli/paging.hpp"
#include "messages/json.hpp"

namespace ie::cli {
namespace {

struct list_flags {
    std::string account;
    uint32_t limit = list_limit_max;
    uint32_t offset = 0;
};

json json_of_space(const account_space& space) {
    json out = json_of(space);
    out.erase("held_mails");
    return out;
}

std::string spaces_text(const std::vector<account_space>& spaces) {
    std::vector<row> rows{{"Name", "LimitBytes", "UsedBytes", "State", "ReleasesLimit (hourly)"}};
    for (const auto& each : spaces) {
        rows.push_back({each.account.value, std::to_string(each.limit_bytes),
                        std::to_string(each.used_bytes), std::string(name_of(each.state)),
                        std::to_string(each.releases_limit)});
    }
    return table(rows);
}

std::string list_text(const account_list& list, bool one) {
    std::string out = spaces_text(list.items);
    // The seed counts where it lists all.
    if (!one || list.items.empty()) out += "\nMax Count " + std::to_string(list.max_count) + "\n";
    return out;
}

json list_json(const account_list& list) {
    json items = json::array();
    for (const auto& each : list.items) items.push_back(json_of_space(each));
    return {{"items", std::move(items)}, {"max_count", list.max_count}};
}

exit_code run_list(const session& self, const list_flags& flags) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    list_accounts request;
    request.account = account_name(flags.account);
    request.offset = flags.offset;
    const auto list = fetch_pages(*engine, request, flags.limit, &account_list::items,
                                  each_id_once(&account_list::items, &account_space::account));
    if (!list) return report(self, list.failure());
    const bool one = !flags.account.empty() && !equal_ignoring_case(flags.account, root_account);
    print(self.json ? json_text(list_json(*list)) : list_text(*list, one));
    return exit_code::done;
}

// An account that has all by default and no mail isn't in the list.
account_space space_of(const account_list& found, const account_edited& edited) {
    account_space space = found.items.empty() ? account_space{} : found.items.front();
    space.account = edited.account;
    space.limit_bytes = edited.limit_bytes;
    space.state = edited.state;
    space.releases_limit = edited.releases_limit;
    return space;
}

exit_code run_edit(const session& self, const edit_account& request) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto edited = engine->ask<account_edited>(request);
    if (!edited) return report_missing(self, edited.failure(), accounts_remedy);
    const auto found = fetch_account(*engine, edited->account);
    if (!found) {
        const error& why = found.failure();
        return report(self, fail(why.code,
                                 "the account is changed, but what it uses can't be "
                                 "shown: " +
                                     why.what));
    }
    const account_space space = space_of(*found, *edited);
    print(self.json ? json_text(json_of_space(space)) : spaces_text({space}));
    return exit_code::done;
}

exit_code run_edit_checked(const session& self, const edit_account& request,
                           const std::string& command) {
    edit_account nothing_changed;
    nothing_changed.account = request.account;
    if (request != nothing_changed) return run_edit(self, request);
    return report_usage(self, "--state, --limit or --releases-limit is needed", command);
}

// --name is how the seed calls it, too.
CLI::Option* add_name(CLI::App& command, std::string& account) {
    return command.add_option("-a,--account,--name", account, "an account name")
        ->type_name("string")
        ->group(flags_group)
        ->take_last();
}

void add_number(CLI::App& edit, const std::string& name, int64_t& target,
                const std::string& description, int64_t most) {
    add_value(edit, name, target, "int", description, [most](std::string_view text) {
        return parse_number_or_none(text, {0, most});
    })->group(flags_group);
}

void add_list(CLI::App& accounts, session& self) {
    auto flags = std::make_shared<list_flags>();
    auto* list = add_command(accounts, "list", "list accounts in the quarantine");
    add_name(*list, flags->account);
    add_json(*list, self);
    add_limit(*list, "-l,--limit", flags->limit, "The maximum count of items to return");
    add_offset(*list, flags->offset, "How many of the first to leave out");
    on_run(list, self, [&self, flags] { return run_list(self, *flags); });
}

void add_edit(CLI::App& accounts, session& self) {
    auto request = std::make_shared<edit_account>();
    auto* edit =
        add_command(accounts, "edit", "edit settings of an account, -1 follows the default again");
    require_account(add_name(*edit, request->account.value));
    add_json(*edit, self);
    add_number(*edit, "--limit", request->limit_bytes,
               "Limit in bytes for the storage in the quarantine", INT64_MAX);
    add_number(*edit, "--releases-limit", request->releases_limit,
               "Limit for releases per hour for non-root user", UINT32_MAX);
    add_text(*edit, "--state", request->state, "active|block",
             "block refuses mail that would be held");
    on_run(edit, self, [&self, request, edit] {
        return run_edit_checked(self, *request, command_path(*edit));
    });
}

}  // namespace

void require_account(CLI::Option* option) {
    option->required()->check(CLI::Validator(
        [](const std::string& text) {
            return std::string(text.empty() ? "it is empty; name an account" : "");
        },
        ""));
}

outcome<account_list> fetch_account(client& engine, const account_name& account) {
    list_accounts request;
    request.only = account;
    return engine.ask<account_list>(request);
}

void add_accounts(CLI::App& program, session& self) {
    auto* accounts = add_group(program, "accounts", "interaction with accounts in the quarantine");
    add_edit(*accounts, self);
    add_list(*accounts, self);
    add_accounts_remove(*accounts, self);
}

}  // namespace ie::cli
