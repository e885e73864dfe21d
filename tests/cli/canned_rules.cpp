#include "tests/cli/canned_rules.hpp"

#include <algorithm>

#include "tests/cli/canned.hpp"

namespace ie::testing {
namespace {

constexpr int64_t changed_s = 1643805800;

const object_id account_id{"11111111-1111-1111-1111-11111111111"};  // the seed's has a digit less
const object_id domain_id{"22222222-2222-2222-2222-222222222222"};
const object_id sender_id{"33333333-3333-3333-3333-333333333333"};
const object_id script_id{"44444444-4444-4444-4444-444444444444"};

template <class Activity>
Activity activity_of(object_id id, const std::string& name) {
    Activity out;
    out.id = std::move(id);
    out.object = name;
    out.messages = 1;
    out.quarantined = 1;
    return out;
}

account_activity sample_account() {
    auto sender = activity_of<sender_activity>(sender_id, "test@domain.com");
    sender.account_id = account_id;
    sender.domain_id = domain_id;
    auto domain = activity_of<domain_activity>(domain_id, "domain.com");
    domain.account_id = account_id;
    domain.sender_emails = {sender};
    auto account = activity_of<account_activity>(account_id, "domain");
    account.domains = {domain};
    return account;
}

// With one of everything, at its limit where it has one.
account_activity full_account(const std::string& name) {
    auto account = sample_account();
    account.object = name;
    auto script = activity_of<sender_activity>(script_id, name);
    script.account_id = account_id;
    script.has_own_limit = script.at_limit = true;
    script.limit = 3;
    script.remaining = 0;
    account.scripts = {script};
    account.remaining = 4'294'967'294;
    account.domains[0].object = name;
    account.domains[0].whitelisted = true;
    account.domains[0].sender_emails[0].object = name;
    auto& held = account.last_held;
    held.held_at_s = changed_s;
    held.reasons = {hold_reason::spam, hold_reason::ratelimit};
    held.sender = name;
    held.limits = {{sender_kind::script, name, 3, 3, limit_mode::messages, 3'600},
                   {sender_kind::account, name, 100, 99, limit_mode::recipients, 90}};
    return account;
}

audit_record sample_record(const std::string& text, entrance by) {
    return {changed_s, 0, text, by, "change_limits", text, text, text, text};
}

whitelist_changed change(const change_whitelist& asked, const rules& all) {
    whitelist_changed out;
    if (asked.remove) {
        out.removed = asked.values;
        return out;
    }
    for (const auto& each : asked.values) {
        const bool known = std::find(all.known.begin(), all.known.end(), each) != all.known.end();
        (known ? out.unchanged : out.added).push_back(each);
    }
    return out;
}

account_list find(const list_accounts& asked, const rules& all) {
    account_list out;
    for (const auto& each : all.spaces) {
        const bool within = asked.account.empty() || asked.account.value == root_account ||
                            asked.account == each.account;
        if (within && (asked.only.empty() || asked.only == each.account)) out.items.push_back(each);
    }
    out.max_count = out.items.size();
    return out;
}

// -1 is what stands in the seed.
account_edited change(const edit_account& asked, rules& all) {
    account_space space;
    space.account = asked.account;
    space.limit_bytes = 104'857'600;
    space.releases_limit = 5;
    account_space* known = &space;
    for (auto& each : all.spaces) known = each.account == asked.account ? &each : known;
    if (asked.limit_bytes >= 0) known->limit_bytes = static_cast<uint64_t>(asked.limit_bytes);
    if (asked.limit_bytes == edit_account::by_default) known->limit_bytes = 104'857'600;
    if (asked.releases_limit >= 0) {
        known->releases_limit = static_cast<uint32_t>(asked.releases_limit);
    }
    if (asked.releases_limit == edit_account::by_default) known->releases_limit = 5;
    if (asked.state == "block") known->state = space_state::block;
    if (asked.state == "active") known->state = space_state::active;
    return {known->account, known->limit_bytes, known->state, known->releases_limit};
}

// One mail a request.
account_purged change(const purge_account& asked, rules& all) {
    account_purged out;
    for (auto& each : all.spaces) {
        if (each.account != asked.account || each.held_mails == 0) continue;
        out.removed = 1;
        out.remaining = --each.held_mails;
    }
    return out;
}

settings_values values_of(const rules& all) {
    settings_values out;
    for (const auto& [name, value] : all.settings) out.items.push_back({name, value});
    return out;
}

settings_values change(const change_settings& asked, rules& all) {
    for (const auto& each : asked.changes) all.settings[each.key] = each.value;
    return values_of(all);
}

limit_list change(const change_limits& asked) {
    limit_list out;
    for (const auto& id : asked.ids) {
        out.items.push_back({id, asked.kind, account_name("domain"), "domain", asked.limit});
    }
    return out;
}

incoming_status incoming_of(const account_name& asked, const rules& all) {
    const auto& out = all.incoming_opt_outs;
    if (asked.empty() || asked.value == root_account) {
        return {account_name(std::string(root_account)), all.incoming_on, all.incoming_on, out};
    }
    return {asked, all.incoming_on, std::find(out.begin(), out.end(), asked) == out.end(), {}};
}

incoming_status change(const change_incoming& asked, rules& all) {
    if (asked.account.empty() || asked.account.value == root_account) {
        all.incoming_on = asked.on;
    } else {
        std::erase(all.incoming_opt_outs, asked.account);
        if (!asked.on) all.incoming_opt_outs.push_back(asked.account);
    }
    return incoming_of(asked.account, all);
}

incoming_stats find(const get_incoming_stats& asked, const rules& all) {
    const auto count = std::min<size_t>(asked.days, all.incoming_days.size());
    return {asked.account.empty() ? account_name(std::string(root_account)) : asked.account,
            {all.incoming_days.begin(), all.incoming_days.begin() + static_cast<ptrdiff_t>(count)}};
}

}  // namespace

rules seed_rules() {
    rules all;
    all.activity.accounts = {sample_account()};
    all.activity.max_count = 1;
    all.limits.items = {
        {account_id, sender_kind::account, account_name("domain"), "domain", 3},
        {domain_id, sender_kind::domain, account_name("domain"), "domain.com", 0},
        {sender_id, sender_kind::sender_email, account_name("domain"), "test@domain.com", 7}};
    all.spaces = {{account_name("mysite"), 125'829'120, 810'692, space_state::active, 5, 2, 3},
                  {account_name("dentistcenter"), 104'857'600, 0, space_state::block, 50, 0, 0}};
    all.settings = {{"quarantine_limit_bytes", "104857600"},
                    {"quarantine_releases_limit", "5"},
                    {"dry_run", "off"},
                    {"limit_account", "0"},
                    {"limit_domain", "1"},
                    {"limit_mode", "1"},
                    {"limit_script", "0"},
                    {"limit_sender_email", "0"},
                    {"notify_header", "off"},
                    {"ratelimit", "on"},
                    {"spam", "on"},
                    {"spam_threshold", "6.0"},
                    {"winexec", "on"}};
    all.incoming_opt_outs = {account_name("bob"), account_name("mws")};
    all.incoming_days = {{"2026-11-26", 17, 230}, {"2026-11-25", 0, 0}, {"2026-11-24", 1'200, 5}};
    all.whitelists[whitelist_kind::authuser].emails = {"1@example5.com", "pp@ppp.com", "qq@qq.com",
                                                       "me@mydomain.com"};
    all.whitelists[whitelist_kind::sender] = {{"a@there.test", "b@there.test"},
                                              {"there.test", "known.test"},
                                              {"b@there.test", "known.test"}};
    all.known = {"known@there.test", "known.test"};
    all.trail.items = {{changed_s + 5, 0, "root", entrance::local, "change_limits", "account mws",
                        "-1", "3", "done"},
                       {changed_s, 1001, "mws", entrance::console, "change_settings", "", "", "",
                        "not_permitted: run it as root"},
                       {changed_s - 5, 0, "panel", entrance::network, "change_whitelist", "sender",
                        "", "domain.com", "done"}};
    all.trail.max_count = 3;
    return all;
}

rules seed_account_rules() {
    rules all;
    all.spaces = {{account_name("imunifyemail"), 104'857'600, 8'324, space_state::active, 5, 0, 1}};
    return all;
}

rules owner_rules() {
    rules all;
    all.activity.accounts = {full_account("mws")};
    all.activity.accounts[0].domains.emplace_back().object = "silent.test";
    all.activity.max_count = 1;
    all.activity.own_view = true;
    return all;
}

rules evil_rules() {
    rules all;
    all.activity.accounts = {full_account(evil)};
    all.activity.max_count = 1;
    all.activity.own_view = true;
    all.incoming_opt_outs = {account_name(evil)};
    all.incoming_days = {{evil, 1, 2}};
    all.spaces = {{account_name(evil), 1, 2, space_state::active, 3, 0, 1}};
    all.limits.items = {{object_id(evil), sender_kind::script, account_name(evil), evil, 3}};
    all.settings = {{"quarantine_limit_bytes", evil},
                    {"quarantine_releases_limit", "\"5\""},
                    {"limit_account", evil},
                    {"limit_mode", "[1]"},
                    {"dry_run", "maybe"},
                    {"spam", evil},
                    {"winexec", ""},
                    {"spam_threshold", "six"}};
    all.whitelists[whitelist_kind::sender] = {{evil}, {evil}, {evil}};
    all.known = {"x"};
    all.trail.items = {sample_record(evil, entrance::local)};
    all.trail.max_count = 1;
    return all;
}

std::optional<parcel> answer_rules(const parcel& request, rules& all) {
    const auto& name = request.head.name;
    const auto& body = request.body;
    if (name == list_accounts::name) {
        return reply(request, find(*decode<list_accounts>(body), all));
    }
    if (name == edit_account::name) {
        return reply(request, change(*decode<edit_account>(body), all));
    }
    if (name == purge_account::name) {
        return reply(request, change(*decode<purge_account>(body), all));
    }
    if (name == get_activity::name) return reply(request, all.activity);
    if (name == list_limits::name) return reply(request, all.limits);
    if (name == change_limits::name) return reply(request, change(*decode<change_limits>(body)));
    if (name == reset_counts::name) {
        return reply(request, counts_reset{decode<reset_counts>(body)->ids});
    }
    if (name == get_settings::name) return reply(request, values_of(all));
    if (name == change_settings::name) {
        return reply(request, change(*decode<change_settings>(body), all));
    }
    if (name == list_whitelist::name) {
        return reply(request, all.whitelists[decode<list_whitelist>(body)->kind]);
    }
    if (name == change_whitelist::name) {
        return reply(request, change(*decode<change_whitelist>(body), all));
    }
    if (name == get_incoming::name) {
        return reply(request, incoming_of(decode<get_incoming>(body)->account, all));
    }
    if (name == change_incoming::name) {
        return reply(request, change(*decode<change_incoming>(body), all));
    }
    if (name == get_incoming_stats::name) {
        return reply(request, find(*decode<get_incoming_stats>(body), all));
    }
    if (name == list_audit::name) return reply(request, all.trail);
    return std::nullopt;
}

}  // namespace ie::testing
