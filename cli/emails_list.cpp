#include <algorithm>
#include <unordered_set>

#include "cli/emails.hpp"
#include "cli/mail_text.hpp"
#include "config/clock.hpp"

namespace ie::cli {
namespace {

struct list_flags {
    filter_flags filter;
    uint32_t limit = 25;
    uint32_t offset = 0;
};

// Mail that comes in between two pages moves the rest by one: what was seen isn't taken again.
outcome<mail_list> fetch(client& engine, const list_flags& flags) {
    list_mails request;
    request.filter = filter_of(flags.filter, system_clock().now_s());
    request.offset = flags.offset;
    mail_list all;
    std::unordered_set<mail_id> seen;
    progress told;
    while (all.items.size() < flags.limit) {
        const auto missing = flags.limit - static_cast<uint32_t>(all.items.size());
        request.limit = std::min(missing, list_mails::limit_max);
        auto page = engine.ask<mail_list>(request);
        if (!page) return page.failure();
        for (auto& mail : page->items) {
            if (seen.insert(mail.id).second) all.items.push_back(std::move(mail));
        }
        all.max_count = page->max_count;
        const auto taken = static_cast<uint32_t>(page->items.size());
        request.offset += taken;
        if (taken == 0 || request.offset >= all.max_count) break;
        told.show(std::to_string(all.items.size()) + " of " + std::to_string(all.max_count));
    }
    return all;
}

exit_code run_list(const session& self, const list_flags& flags) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    const auto list = fetch(*engine, flags);
    if (!list) return report(self, list.failure());
    print(self.json ? json_text(json_of(*list)) : list_text(*list));
    return exit_code::done;
}

}  // namespace

void add_emails_list(CLI::App& emails, session& self) {
    auto flags = std::make_shared<list_flags>();
    auto* list = add_command(emails, "list",
                             "list emails in the quarantine, order by quarantined date descending");
    add_account(*list, flags->filter.account);
    add_json(*list, self);
    add_value(*list, "-l,--limit", flags->limit, "int", "The maximum count of items to return",
              [](std::string_view text) {
                  return parse_number(text, {1, list_limit_max});
              })
        ->default_str("25")
        ->group(flags_group);
    add_value(*list, "--offset", flags->offset, "int", "How many of the newest to leave out",
              [](std::string_view text) {
                  return parse_number(text, {0, UINT32_MAX});
              })
        ->group(further_group);
    add_filter(*list, flags->filter, "--reason");
    on_run(list, self, [&self, flags] { return run_list(self, *flags); });
}

}  // namespace ie::cli
