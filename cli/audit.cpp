// `ie-cli audit`: who changed what (spec, Others).
#include "cli/paging.hpp"
#include "cli/rules.hpp"
#include "config/clock.hpp"
#include "messages/settings.hpp"

namespace ie::cli {
namespace {

struct audit_flags {
    list_audit request;
    int64_t since_s = -1;  // before now; -1: no bound
    uint32_t limit = 25;
};

// The trail only grows, at its beginning: what it has grown by since the last page are entries of
// that page once more.
auto drop_repeated() {
    return [last = uint64_t{0}](audit_list& page) mutable {
        const uint64_t grown = last > 0 && page.max_count > last ? page.max_count - last : 0;
        const auto repeated = std::min<uint64_t>(grown, page.items.size());
        page.items.erase(page.items.begin(), page.items.begin() + static_cast<ptrdiff_t>(repeated));
        last = page.max_count;
    };
}

std::string audit_text(const audit_list& list) {
    std::vector<row> rows{
        {"Date", "Who(uid)", "Interface", "Action", "Object", "From", "To", "Result"}};
    for (const auto& each : list.items) {
        rows.push_back({date_text(each.at_s), each.who + "(" + std::to_string(each.uid) + ")",
                        std::string(name_of(each.by)), each.action, or_dash(each.object),
                        or_dash(each.before), or_dash(each.after), or_dash(each.result)});
    }
    return table(rows) + "\nMax Count " + std::to_string(list.max_count) + "\n";
}

exit_code run_list(const session& self, const audit_flags& flags) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    list_audit request = flags.request;
    // 0 would be no bound at all.
    if (flags.since_s >= 0) {
        request.since_s = std::max<int64_t>(system_clock().now_s() - flags.since_s, 1);
    }
    const auto list =
        fetch_pages(*engine, request, flags.limit, &audit_list::items, drop_repeated());
    if (!list) return report(self, list.failure());
    print(self.json ? json_text(json_of(*list)) : audit_text(*list));
    return exit_code::done;
}

}  // namespace

void add_audit(CLI::App& program, session& self) {
    auto* audit = add_group(program, "audit", "show who changed what, when and with what result");
    auto flags = std::make_shared<audit_flags>();
    auto* list = add_command(*audit, "list", "list changes, the newest first");
    add_text(*list, "--action", flags->request.action, "string",
             "changes of this kind only, e.g. change_limits");
    add_json(*list, self);
    add_limit(*list, "-l,--limit", flags->limit, "The maximum count of items to return");
    add_offset(*list, flags->request.offset, "How many of the newest to leave out");
    add_since(*list, "--since", flags->since_s);
    add_text(*list, "--who", flags->request.who, "string",
             "changes that this user or key made only");
    on_run(list, self, [&self, flags] { return run_list(self, *flags); });
}

}  // namespace ie::cli
