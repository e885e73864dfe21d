// `ie-cli accounts remove`: deletes an account's held mail (seed, Clean all quarantine for an
// account).
#include <iostream>

#include "cli/accounts.hpp"

namespace ie::cli {
namespace {

struct remove_flags {
    purge_account request;
    bool yes = false;
};

// True where there is nothing to be asked about, or the answer is yes.
bool confirmed(const account_list& found) {
    if (found.items.empty() || found.items.front().held_mails == 0) return true;
    const account_space& space = found.items.front();
    print_error("Delete all held mail of account " + printable(space.account.value) +
                " for good (mails: " + std::to_string(space.held_mails) + ")? [y/N] ");
    std::string answer;
    if (!std::getline(std::cin, answer)) print_error("\n");
    return answer == "y" || answer == "Y" || answer == "yes";
}

// A request for each part of it; `all` is what was done so far.
outcome<nothing> purge(client& engine, const purge_account& request, account_purged& all) {
    progress told;
    do {
        const auto part = engine.ask<account_purged>(request);
        if (!part) return part.failure();
        if (part->removed == 0 && part->remaining > 0) {
            return fail(error_code::conflict,
                        std::to_string(part->remaining) + " mails can't be removed");
        }
        all = {all.removed + part->removed, part->remaining, part->releasing};
        told.show(std::to_string(all.removed) + " removed, " + std::to_string(all.remaining) +
                  " to go");
    } while (all.remaining > 0);
    return nothing{};
}

exit_code tell(const session& self, const account_purged& all) {
    if (self.json) {
        print(json_text(
            json{{"success", true}, {"removed", all.removed}, {"releasing", all.releasing}}));
        return exit_code::done;
    }
    if (all.releasing > 0) {
        print_error(self.program + ": " + std::to_string(all.releasing) +
                    " mails stay, as they are being released\n");
    }
    print("OK\n");
    return exit_code::done;
}

exit_code run_remove(const session& self, const remove_flags& flags) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    if (!flags.yes && on_terminal()) {
        const auto found = fetch_account(*engine, flags.request.account);
        if (!found) return report(self, found.failure());
        if (!confirmed(*found)) {
            print_error(self.program + ": nothing was removed\n");
            return exit_code::failed;
        }
    }
    account_purged all;
    const auto done = purge(*engine, flags.request, all);
    if (done) return tell(self, all);
    if (all.removed > 0) {
        print_error(self.program + ": " + std::to_string(all.removed) +
                    " mails removed before this:\n");
    }
    return report_missing(self, done.failure(), accounts_remedy);
}

}  // namespace

void add_accounts_remove(CLI::App& accounts, session& self) {
    auto flags = std::make_shared<remove_flags>();
    auto* remove = add_command(accounts, "remove",
                               "remove all emails of an account from the quarantine, its settings "
                               "stay");
    require_account(add_account(*remove, flags->request.account.value));
    add_json(*remove, self);
    remove->add_flag("--yes", flags->yes, "don't ask on a terminal")->group(flags_group);
    on_run(remove, self, [&self, flags] { return run_remove(self, *flags); });
}

}  // namespace ie::cli
