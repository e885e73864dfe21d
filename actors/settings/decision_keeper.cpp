#include "actors/settings/decision_keeper.hpp"

#include "actors/settings/incoming_switch.hpp"
#include "actors/settings/named_settings.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// Records of either kind that wait for a database that refuses; the budget lets through far fewer
// in a minute.
constexpr size_t pending_max = 10'000;
constexpr const char* kept_default = "default";

void keep(std::vector<audit_record>& waiting, audit_record record) {
    if (waiting.size() < pending_max) waiting.push_back(bounded(std::move(record)));
}

}  // namespace

decision_keeper::decision_keeper(const settings_options& options)
    : options_(options), database_(options.path, *options.clock) {
    content_ = database_.mend(nullptr).value_or(admin_decisions{});
    make_policy();
}

void decision_keeper::mend() {
    auto content = database_.mend(&content_);
    if (!content) return;
    content_ = std::move(*content);
    make_policy();
}

decision_keeper::~decision_keeper() {
    add_sums(budget_.take_all());
    write_pending();
}

std::vector<setting> decision_keeper::settings_of_policy() const {
    return settings_of(policy_);
}

limit_list decision_keeper::limits() const {
    limit_list out;
    for (const auto& [id, limit] : content_.limits) out.items.push_back(limit);
    sort_limits(out.items);
    return out;
}

outcome<audit_list> decision_keeper::find(const list_audit& query) {
    if (query.limit < 1 || query.limit > list_audit::limit_max) {
        return fail(error_code::bad_request, "limit " + std::to_string(query.limit) +
                                                 ": it must be from 1 to " +
                                                 std::to_string(list_audit::limit_max));
    }
    write_pending();
    return database_.find(query);
}

outcome<settings_values> decision_keeper::change(const change_settings& request,
                                                 const caller& who) {
    const auto plan = plan_settings(policy_, request.changes);
    if (!plan) return plan.failure();
    decision_change change;
    for (const auto& each : *plan) {
        const auto stored = content_.values.find(each.key);
        const bool is_stored = stored != content_.values.end() && stored->second == each.after;
        if (!is_stored) change.values.push_back({each.key, each.after});
        if (each.before == each.after) continue;
        audit_record record = begin(who, change_settings::name);
        record.object = each.key;
        record.before = each.before;
        record.after = each.after;
        change.trail.push_back(std::move(record));
    }
    if (const auto done = commit(change); !done) return done.failure();
    return values();
}

outcome<whitelist_changed> decision_keeper::change(const change_whitelist& request,
                                                   const caller& who) {
    auto plan = plan_whitelist(content_.lists, request);
    if (!plan) return plan.failure();
    decision_change change;
    const auto record_step = [&](const whitelist_entry& entry, const whitelist_entry* after) {
        audit_record record = begin(who, change_whitelist::name);
        record.object = std::string(name_of(entry.list)) + " " + entry.value;
        record.before = listing_text(content_.lists.find(entry.list, entry.value));
        record.after = listing_text(after);
        change.trail.push_back(std::move(record));
    };
    for (const auto& each : plan->put) record_step(each, &each);
    for (const auto& each : plan->removed) record_step(each, nullptr);
    change.listed = std::move(plan->put);
    change.unlisted = std::move(plan->removed);
    if (const auto done = commit(change); !done) return done.failure();
    return std::move(plan->reply);
}

outcome<limit_list> decision_keeper::set_limits(const std::vector<known_object>& objects,
                                                int64_t limit, const caller& who) {
    const std::string after = limit == change_limits::remove ? kept_default : std::to_string(limit);
    decision_change change;
    limit_list reply;
    size_t added = 0;
    for (const auto& each : objects) {
        individual_limit next{each.id, each.kind, each.account, each.object, limit};
        reply.items.push_back(next);
        const std::string before = limit_or_default(content_.limits, each.id);
        if (before == after) continue;
        added += content_.limits.contains(each.id) ? 0 : 1;
        audit_record record = begin(who, change_limits::name);
        record.object = object_text(each);
        record.before = before;
        record.after = after;
        change.limits.push_back(std::move(next));
        change.trail.push_back(std::move(record));
    }
    if (content_.limits.size() + added > own_limits_max && added > 0) {
        return fail(error_code::too_large, "at most " + std::to_string(own_limits_max) +
                                               " objects have limits of their own");
    }
    if (const auto done = commit(change); !done) return done.failure();
    sort_limits(reply.items);
    return reply;
}

outcome<account_edited> decision_keeper::change(const edit_account& request, const caller& who) {
    const account_name account{to_lower(request.account.value)};
    const auto found = content_.spaces.find(account.value);
    const own_space now = found == content_.spaces.end() ? own_space{} : found->second;
    const auto next = edited(now, request);
    if (!next) return next.failure();
    if (found == content_.spaces.end() && content_.spaces.size() >= own_spaces_max) {
        return fail(error_code::too_large, "at most " + std::to_string(own_spaces_max) +
                                               " accounts have values of their own");
    }
    decision_change change;
    for (const auto& each : changed_values(now, *next)) {
        audit_record record = begin(who, edit_account::name);
        record.object = "account " + account.value + " " + each.key;
        record.before = each.before;
        record.after = each.after;
        change.trail.push_back(bounded(std::move(record)));
    }
    if (!change.trail.empty()) change.spaces.push_back({account, *next});
    if (const auto done = commit(change); !done) return done.failure();
    const space_rules rules = policy_.space_of(account);
    return account_edited{account, rules.limit_bytes, rules.state, rules.releases_limit};
}

outcome<incoming_status> decision_keeper::change(const change_incoming& request,
                                                 const caller& who) {
    const account_name account{to_lower(request.account.value)};
    const incoming_status now = incoming_of(account);
    const auto text = [](bool on) { return on ? "on" : "off"; };
    decision_change change;
    if (account.value == root_account) {
        const auto done = this->change(change_settings{{{"incoming", text(request.on)}}}, who);
        if (!done) return done.failure();
        if (const auto told = keep_switch(); !told) {
            return fail(told.failure().code,
                        told.failure().what +
                            "; the setting is kept, and Exim is told as soon as that is mended");
        }
        return incoming_of(account);
    }
    if (now.account_on == request.on) return now;
    if (!request.on && content_.incoming_opt_outs.size() >= own_spaces_max) {
        return fail(error_code::too_large, "at most " + std::to_string(own_spaces_max) +
                                               " accounts have a choice of their own");
    }
    audit_record record = begin(who, change_incoming::name);
    record.object = "account " + account.value;
    record.before = text(now.account_on);
    record.after = text(request.on);
    change.trail.push_back(bounded(std::move(record)));
    change.incoming.push_back({account, request.on});
    if (const auto done = commit(change); !done) return done.failure();
    return incoming_of(account);
}

incoming_status decision_keeper::incoming_of(const account_name& account) const {
    incoming_status out;
    out.account = account_name{to_lower(account.value)};
    out.server_on = policy_.incoming_on;
    out.account_on = wants_incoming_filter(policy_, account);
    if (out.account.value != root_account) return out;
    out.account_on = out.server_on;
    for (const auto& each : content_.incoming_opt_outs) out.opted_out.emplace_back(each);
    return out;
}

bool decision_keeper::has_own_space(const account_name& account) const {
    return content_.spaces.contains(to_lower(account.value));
}

outcome<audit_recorded> decision_keeper::record(const record_audit& request) {
    if (!database_.is_open()) return database_.refusal();
    const auto known = content_.audit_sources.find(request.source);
    decision_change change;
    change.source = request.source;
    change.source_number = known == content_.audit_sources.end() ? 0 : known->second;
    for (const auto& each : request.actions) {
        if (each.number <= change.source_number) continue;
        change.source_number = each.number;
        audit_record record = begin(each.who, each.action);
        record.at_s = each.at_ms / 1000;
        record.object = each.object;
        record.before = each.before;
        record.after = each.after;
        record.result = each.result;
        change.trail.push_back(bounded(std::move(record)));
    }
    if (const auto done = commit(change); !done) return done.failure();
    content_.audit_sources[change.source] = change.source_number;
    return audit_recorded{change.source_number};
}

outcome<nothing> decision_keeper::record_reset(const std::vector<known_object>& objects,
                                               const usage_list& usage, const caller& who,
                                               const std::string& result) {
    decision_change change;
    for (size_t i = 0; i < objects.size(); ++i) {
        audit_record record = begin(who, reset_counts::name);
        record.object = object_text(objects[i]);
        if (i < usage.items.size()) {
            record.before = usage_text(usage.items[i], policy_.mode);
            record.after = "0";
        }
        if (!result.empty()) record.result = result;
        change.trail.push_back(bounded(std::move(record)));
    }
    auto done = commit(change);
    if (!done) {
        for (auto& each : change.trail) keep(pending_.trail, std::move(each));
    }
    return done;
}

void decision_keeper::record_refusal(const request_refused& refused) {
    if (!budget_.admit(refused, options_.clock->now_ms())) return;
    audit_record record = begin(refused.who, refused.request);
    record.result = refused.what;
    keep(pending_.refusals, std::move(record));
}

void decision_keeper::add_sums(const std::vector<refusal_budget::unwritten>& sums) {
    for (const auto& each : sums) {
        audit_record record = begin(each.last.who, each.last.request);
        record.result = "and " + std::to_string(each.count) + " more";
        keep(pending_.refusals, std::move(record));
    }
}

void decision_keeper::write_pending() {
    add_sums(budget_.take_ended(options_.clock->now_ms()));
    if (!pending_.empty() && commit(pending_)) pending_ = {};
}

audit_record decision_keeper::begin(const caller& who, std::string_view action) {
    const int64_t now_ms = options_.clock->now_ms();
    const std::string login =
        who.key_name.empty() ? logins_.login_of(who.uid, now_ms).value_or("") : "";
    return bounded(begin_record(who, login, now_ms / 1000, action));
}

outcome<nothing> decision_keeper::commit(const decision_change& change) {
    if (change.empty()) return nothing{};
    if (auto done = database_.commit(change); !done) return done;
    if (!change.changes_policy()) return nothing{};
    apply(content_, change);
    make_policy();
    return nothing{};
}

void decision_keeper::make_policy() {
    policy_made made = policy_of(content_, options_.defaults);
    for (const auto& each : made.refused) {
        logger_.error(event::settings_rejected, kv("file", options_.path), kv("what", each));
    }
    policy_ = std::move(made.policy);
    // Exim goes on asking about incoming mail, or not, as it was told last.
    if (database_.knows_nothing()) policy_.incoming_on = incoming_switch(options_.incoming_switch);
    options_.policy->set(policy_);
    (void)keep_switch();
}

outcome<nothing> decision_keeper::keep_switch() {
    auto kept = set_incoming_switch(options_.incoming_switch, policy_.incoming_on);
    const std::string why = kept ? std::string{} : kept.failure().what;
    if (!why.empty() && why != switch_error_) {
        logger_.error(event::storage_failed, kv("what", why));
    }
    switch_error_ = why;
    return kept;
}

}  // namespace ie
