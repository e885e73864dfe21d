#include "actors/settings/admin_decisions.hpp"

#include "actors/settings/named_settings.hpp"

namespace ie {
namespace {

void add_listing(mail_policy& policy, const whitelist_entry& entry) {
    switch (entry.list) {
        case whitelist_kind::authuser:
            policy.authusers.insert(entry.value);
            break;
        case whitelist_kind::sender:
            policy.senders.emplace(entry.value, entry.any_submitter);
            break;
        case whitelist_kind::recipient:
            policy.recipients.insert(entry.value);
            break;
    }
}

}  // namespace

void apply(admin_decisions& content, const decision_change& change) {
    for (const auto& each : change.values) content.values[each.key] = each.value;
    for (const auto& each : change.limits) {
        if (each.limit == change_limits::remove) {
            content.limits.erase(each.id);
        } else {
            content.limits[each.id] = each;
        }
    }
    for (const auto& each : change.spaces) {
        if (each.own.is_default()) {
            content.spaces.erase(each.account.value);
        } else {
            content.spaces[each.account.value] = each.own;
        }
    }
    for (const auto& each : change.incoming) {
        if (each.on) {
            content.incoming_opt_outs.erase(each.account.value);
        } else {
            content.incoming_opt_outs.insert(each.account.value);
        }
    }
    for (const auto& each : change.listed) content.lists.put(each);
    for (const auto& each : change.unlisted) content.lists.remove(each);
}

decision_change change_to(const admin_decisions& content) {
    decision_change out;
    for (const auto& [key, value] : content.values) out.values.push_back({key, value});
    for (const auto& [id, limit] : content.limits) out.limits.push_back(limit);
    content.lists.for_each([&](const whitelist_entry& entry) { out.listed.push_back(entry); });
    for (const auto& [account, own] : content.spaces) {
        out.spaces.push_back({account_name{account}, own});
    }
    for (const auto& account : content.incoming_opt_outs) {
        out.incoming.push_back({account_name{account}, false});
    }
    return out;
}

policy_made policy_of(const admin_decisions& content, const mail_policy& defaults) {
    policy_made made{defaults, {}};
    for (const auto& [key, value] : content.values) {
        const auto applied = apply_setting(made.policy, {key, value});
        if (!applied) made.refused.push_back(applied.failure().what);
    }
    for (const auto& [id, each] : content.limits) {
        made.policy.own_limits[to_key(id.value)] = static_cast<uint32_t>(each.limit);
    }
    made.policy.own_spaces.insert(content.spaces.begin(), content.spaces.end());
    made.policy.incoming_opt_outs.insert(content.incoming_opt_outs.begin(),
                                         content.incoming_opt_outs.end());
    content.lists.for_each([&](const whitelist_entry& entry) { add_listing(made.policy, entry); });
    return made;
}

}  // namespace ie
