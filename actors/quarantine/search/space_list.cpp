#include "actors/quarantine/search/space_list.hpp"

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int64_t hour_ms = 3'600'000;

}  // namespace

outcome<account_list> list_spaces(const account_ledger& ledger, const mail_policy& policy,
                                  int64_t now_ms, const mail_scope& scope,
                                  const list_accounts& request) {
    if (request.limit == 0 || request.limit > list_accounts::limit_max) {
        return fail(error_code::bad_request,
                    "limit must be from 1 to " + std::to_string(list_accounts::limit_max));
    }
    const auto used = ledger.spaces();
    if (!used) return used.failure();
    const auto deleted = ledger.deleted_since(now_ms - hour_ms);
    if (!deleted) return deleted.failure();

    std::map<std::string, account_space> all;
    for (const auto& [name, own] : policy.own_spaces) all[name].account = account_name{name};
    for (const auto& each : *used) {
        account_space& space = all[to_lower(each.account.value)];
        space.account = each.account;
        space.used_bytes = each.held.bytes;
        space.held_mails = each.held.mails;
    }
    account_list reply;
    for (auto& [name, space] : all) {
        const bool within = scope.account.empty() || equal_ignoring_case(scope.account.value, name);
        const bool wanted = request.only.empty() || equal_ignoring_case(request.only.value, name);
        if (!within || !wanted) continue;
        const uint64_t position = reply.max_count++;
        if (position < request.offset || reply.items.size() >= request.limit) continue;
        const space_rules rules = policy.space_of(space.account);
        space.limit_bytes = rules.limit_bytes;
        space.releases_limit = rules.releases_limit;
        space.state = rules.state;
        const auto count = deleted->find(name);
        space.deleted_last_hour = count == deleted->end() ? 0 : count->second;
        reply.items.push_back(std::move(space));
    }
    return reply;
}

}  // namespace ie
