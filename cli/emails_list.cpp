#include "cli/emails.hpp"
#include "cli/mail_text.hpp"
#include "cli/paging.hpp"
#include "config/clock.hpp"

namespace ie::cli {
namespace {

struct list_flags {
    filter_flags filter;
    uint32_t limit = 25;
    uint32_t offset = 0;
};

outcome<mail_list> fetch(client& engine, const list_flags& flags) {
    list_mails request;
    request.filter = filter_of(flags.filter, system_clock().now_s());
    request.offset = flags.offset;
    return fetch_pages(engine, request, flags.limit, &mail_list::items,
                       each_id_once(&mail_list::items, &mail_summary::id));
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
    add_limit(*list, "-l,--limit", flags->limit, "The maximum count of items to return");
    add_offset(*list, flags->offset, "How many of the newest to leave out")->group(further_group);
    add_filter(*list, flags->filter, "--reason");
    on_run(list, self, [&self, flags] { return run_list(self, *flags); });
}

}  // namespace ie::cli
