#include <algorithm>
#include <iostream>
#include <iterator>
#include <unordered_set>

#include "cli/emails.hpp"
#include "config/clock.hpp"

namespace ie::cli {
namespace {

struct settle_flags {
    std::string ids;  // checked, each followed by a line's end
    bool ids_from_input = false;
    bool all_matching = false;
    filter_flags filter;
    bool learn = true;
    std::string reason;
};

// What has been done so far, over all requests.
struct tally {
    std::vector<mail_id> done;
    std::vector<mail_failure> failed;
    std::unordered_set<mail_id> known_failures;

    // Returns how many of them are news.
    size_t add(mails_settled&& reply) {
        const size_t before = done.size() + failed.size();
        std::move(reply.done.begin(), reply.done.end(), std::back_inserter(done));
        for (auto& each : reply.failed) {
            if (known_failures.insert(each.id).second) failed.push_back(std::move(each));
        }
        return done.size() + failed.size() - before;
    }
};

struct verb {
    const char* name;
    const char* past;
    const char* description;
};
constexpr verb release_verb{"release", "released",
                            "release emails from the quarantine and send them"};
constexpr verb remove_verb{"remove", "removed", "remove emails from the quarantine for good"};

// Nothing, or why not all requests could be made.
using stop = std::optional<error>;

template <message Request>
stop settle_ids(client& engine, Request request, const std::vector<mail_id>& ids, tally& all) {
    progress told;
    for (size_t at = 0; at < ids.size(); at += Request::ids_max) {
        const size_t end = std::min(ids.size(), at + Request::ids_max);
        const auto first = ids.begin();
        request.ids.assign(first + static_cast<ptrdiff_t>(at), first + static_cast<ptrdiff_t>(end));
        auto reply = engine.ask<mails_settled>(request);
        if (!reply) return reply.failure();
        all.add(std::move(*reply));
        told.show(std::to_string(end) + " of " + std::to_string(ids.size()));
    }
    return std::nullopt;
}

// Mails that fail stay in the quarantine and match again, so it ends where a request brings nothing
// new.
template <message Request>
stop settle_matching(client& engine, const Request& request, tally& all) {
    progress told;
    while (true) {
        auto reply = engine.ask<mails_settled>(request);
        if (!reply) return reply.failure();
        const uint64_t remaining = reply->remaining;
        const size_t news = all.add(std::move(*reply));
        if (remaining == 0) return std::nullopt;
        if (news == 0) {
            return fail(error_code::conflict,
                        std::to_string(remaining) + " more match, behind those that failed");
        }
        told.show(std::to_string(all.done.size()) + " done, " + std::to_string(remaining) +
                  " to go");
    }
}

exit_code tell_json(const verb& what, const tally& all, const stop& stopped) {
    json out{{"success", !stopped && all.failed.empty()}};
    if (stopped) {
        out["error"] = {{"code", name_of(stopped->code)}, {"message", advice(*stopped)}};
    } else if (!all.failed.empty()) {
        const auto& first = all.failed.front().failure;
        out["error"] = {{"code", name_of(first.code)},
                        {"message", std::to_string(all.failed.size()) + " not " + what.past}};
    }
    out[what.past] = json_of(all.done);
    out["failed"] = json_of(all.failed);
    print(json_text(out));
    if (stopped) return exit_of(stopped->code);
    return all.failed.empty() ? exit_code::done : exit_code::failed;
}

exit_code tell(const session& self, const verb& what, const tally& all, const stop& stopped) {
    if (self.json) return tell_json(what, all, stopped);
    for (const auto& each : all.failed) {
        print_error(self.program + ": " + printable(each.id.value) + " not " + what.past + ": " +
                    advice_with_code(each.failure) + "\n");
    }
    if (stopped) {
        if (!all.done.empty()) {
            print_error(self.program + ": " + std::to_string(all.done.size()) + " " + what.past +
                        " before this:\n");
        }
        return report(self, *stopped);
    }
    if (!all.failed.empty()) return exit_code::failed;
    print("OK\n");
    return exit_code::done;
}

// Fails: bad_request, too_large.
outcome<std::vector<mail_id>> read_ids(std::istream& in) {
    constexpr size_t id_bytes = 38;  // with its separator
    constexpr size_t block_bytes = 64 << 10;
    std::string text;
    std::string block(block_bytes, '\0');
    while (in.read(block.data(), block_bytes), in.gcount() > 0) {
        text.append(block, 0, static_cast<size_t>(in.gcount()));
        if (text.size() > ids_count_max * id_bytes) {
            return fail(error_code::too_large, "more than a million ids");
        }
    }
    auto ids = parse_ids(text);
    if (ids && ids->empty()) return fail(error_code::bad_request, "no ids there");
    return ids;
}

outcome<std::string> parse_reason(const std::string& text) {
    if (text.size() <= settle_reason_bytes_max) return text;
    return fail(error_code::bad_request,
                "the text is longer than " + std::to_string(settle_reason_bytes_max) + " bytes");
}

template <message Request>
exit_code settle(const session& self, const verb& what, const settle_flags& flags,
                 const std::vector<mail_id>& ids) {
    constexpr uint32_t mails_a_second = 4;  // that even a slow server releases
    const size_t most = ids.empty() ? Request::ids_max : std::min(ids.size(), Request::ids_max);
    auto engine = connect(self, static_cast<uint32_t>(most) / mails_a_second);
    if (!engine) return report(self, engine.failure());
    Request request;
    request.learn = flags.learn;
    request.reason = flags.reason;
    tally all;
    stop stopped;
    if (flags.all_matching) {
        request.filter = filter_of(flags.filter, system_clock().now_s());
        stopped = settle_matching(*engine, request, all);
    } else {
        request.filter.account = account_name(flags.filter.account);
        stopped = settle_ids(*engine, request, ids, all);
    }
    return tell(self, what, all, stopped);
}

template <message Request>
exit_code run_settle(const session& self, const verb& what, const settle_flags& flags) {
    const std::string command = self.program + " emails " + what.name;
    if (flags.ids_from_input && !flags.ids.empty()) {
        return report_usage(self, "--ids: either - or ids", command);
    }
    const auto ids = flags.ids_from_input ? read_ids(std::cin) : parse_ids(flags.ids);
    if (!ids) return report_usage(self, "standard input: " + ids.failure().what, command);
    if (ids->empty() && !flags.all_matching) {
        return report_usage(self, "--ids or --all-matching is needed", command);
    }
    return settle<Request>(self, what, flags, *ids);
}

template <message Request>
void add_settle(CLI::App& emails, session& self, const verb& what) {
    auto flags = std::make_shared<settle_flags>();
    auto* command = add_command(emails, what.name, what.description);
    add_account(*command, flags->filter.account);
    add_json(*command, self);
    // Each value is checked alone, so the lists are put together here.
    const auto take = [flags](std::string& text) -> std::string {
        if (text == "-") {
            flags->ids_from_input = true;
            return "";
        }
        const auto ids = parse_ids(text);
        if (!ids) return ids.failure().what;
        flags->ids += text + "\n";
        return "";
    };
    auto* ids = command->add_option("--ids", CLI::callback_t([](const auto&) { return true; }),
                                    "Ids of emails, separated by commas; - reads them from "
                                    "standard input");
    ids->type_name("strings")->expected(1, 1 << 20)->group(flags_group);
    ids->check(CLI::Validator(take, ""));
    auto* all = command
                    ->add_flag("--all-matching", flags->all_matching,
                               "all emails that the flags below describe, instead of --ids")
                    ->group(flags_group)
                    ->excludes(ids);
    for (auto* option : add_filter(*command, flags->filter, "--held-for")) {
        option->needs(all)->group(flags_group);
    }
    add_value(*command, "--learn", flags->learn, "on|off", "learn from this decision what is spam",
              parse_switch)
        ->default_str("on")
        ->group(flags_group);
    add_value(*command, "--reason", flags->reason, "string", "why, for the audit trail",
              parse_reason)
        ->group(flags_group);
    on_run(command, self, [&self, flags, what] { return run_settle<Request>(self, what, *flags); });
}

}  // namespace

void add_emails_settle(CLI::App& emails, session& self) {
    add_settle<release_mails>(emails, self, release_verb);
    add_settle<remove_mails>(emails, self, remove_verb);
}

}  // namespace ie::cli
