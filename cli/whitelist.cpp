// `ie-cli whitelist`: who isn't filtered (seed, Whitelisting).
#include "cli/rules.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ie::cli {
namespace {

struct list_words {
    whitelist_kind kind;
    const char* description;
    const char* values;  // what may be an entry
};

constexpr list_words lists[] = {
    {whitelist_kind::authuser,
     "operation with the whitelist of the authenticated users (email addresses)",
     "email addresses"},
    {whitelist_kind::recipient,
     "operation with the whitelist of recipients (email addresses and domains)",
     "email addresses and domains"},
    {whitelist_kind::sender,
     "operation with the whitelist of senders (email addresses and domains)",
     "email addresses and domains"},
};

using texts = std::vector<std::string>;

bool contains(const texts& all, const std::string& text) {
    return std::find(all.begin(), all.end(), text) != all.end();
}

std::string entry_lines(const texts& entries, const texts& any_submitter) {
    std::string out;
    for (const auto& each : entries) {
        out += printable(each) + (contains(any_submitter, each) ? "   (any submitter)" : "") + "\n";
    }
    return entries.empty() ? "No available data\n" : out;
}

std::string entries_text(const whitelist_entries& entries) {
    return "EMAILS\n" + entry_lines(entries.emails, entries.any_submitter) + "\nDOMAINS\n" +
           entry_lines(entries.domains, entries.any_submitter);
}

json entries_json(const whitelist_entries& entries) {
    json out{{"success", true}};
    out.update(json_of(entries));
    if (entries.any_submitter.empty()) out.erase("any_submitter");
    return out;
}

exit_code run_list(const session& self, whitelist_kind kind) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    list_whitelist request;
    request.kind = kind;
    const auto entries = engine->ask<whitelist_entries>(request);
    if (!entries) return report(self, entries.failure());
    print(self.json ? json_text(entries_json(*entries)) : entries_text(*entries));
    return exit_code::done;
}

std::string changed_text(const change_whitelist& request, const whitelist_changed& changed) {
    const std::string who(name_of(request.kind));
    std::string out = request.remove ? "Removing " + who + "(s) from the whitelist:\n"
                                     : "Adding " + who + "(s) to the whitelist:\n";
    size_t number = 0;
    const auto add = [&](const texts& values, const char* remark) {
        for (const auto& each : values) {
            const bool email = each.find('@') != each.npos;
            out += std::to_string(++number) + (email ? ". email     " : ". domain    ") +
                   printable(each) + remark + "\n";
        }
    };
    add(request.remove ? changed.removed : changed.added, "");
    add(changed.unchanged, "   (was there already)");
    return out + "OK\n";
}

json changed_json(const whitelist_changed& changed) {
    json out{{"success", true}};
    out.update(json_of(changed));
    if (changed.unchanged.empty()) out.erase("unchanged");
    return out;
}

exit_code run_change(const session& self, const change_whitelist& request,
                     const std::string& command) {
    if (request.values.size() > change_whitelist::values_max) {
        return report_usage(self,
                            "more than " + std::to_string(change_whitelist::values_max) +
                                " values: give fewer at once",
                            command);
    }
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto changed = engine->ask<whitelist_changed>(request);
    if (!changed) {
        const std::string remedy = "'" + self.program + " whitelist " +
                                   std::string(name_of(request.kind)) +
                                   " list' shows what there is";
        return report_missing(self, changed.failure(), remedy);
    }
    print(self.json ? json_text(changed_json(*changed)) : changed_text(request, *changed));
    return exit_code::done;
}

void add_change(CLI::App& list, session& self, const std::string& name, whitelist_kind kind,
                const std::string& description) {
    auto request = std::make_shared<change_whitelist>();
    request->kind = kind;
    request->remove = name != "add";
    auto* command = add_command(list, name, description);
    command->add_option("value", request->values)
        ->type_name("[value1 value2 ... valueN]")
        ->required();
    add_json(*command, self);
    if (kind == whitelist_kind::sender && !request->remove) {
        command
            ->add_flag("--any-submitter", request->any_submitter,
                       "whoever submits the mail, not only the account that owns the domain")
            ->group(flags_group);
    }
    on_run(command, self, [&self, request, command] {
        return run_change(self, *request, command_path(*command));
    });
}

void add_list(CLI::App& whitelist, session& self, const list_words& words) {
    const std::string who(name_of(words.kind));
    const std::string values(words.values);
    auto* list = add_group(whitelist, who, words.description);
    add_change(*list, self, "add", words.kind, "add " + values + " to the whitelist");
    add_change(*list, self, "delete", words.kind, "the same as remove");
    auto* shown = add_command(*list, "list", "list " + values + " of the whitelist");
    add_json(*shown, self);
    on_run(shown, self, [&self, kind = words.kind] { return run_list(self, kind); });
    add_change(*list, self, "remove", words.kind, "remove " + values + " from the whitelist");
}

}  // namespace

void add_whitelist(CLI::App& program, session& self) {
    auto* whitelist =
        add_group(program, "whitelist",
                  "interaction with the whitelist of authenticated users, senders and recipients");
    whitelist->footer(
        "List/Add/Delete authenticated users, senders and recipients to/from whitelist.\n"
        "Where :\n"
        "    - authenticated user could be only an email address\n"
        "    - sender and recipient could be one of domain or email address");
    for (const auto& words : lists) add_list(*whitelist, self, words);
}

}  // namespace ie::cli
