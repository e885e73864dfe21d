#include "actors/statistics/activity_report.hpp"

#include <algorithm>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t filter_bytes_max = 1'000;
constexpr size_t wire_bytes_of_object = 192;  // beside its name

template <class Visitor>
void for_each_object(const activity_page& page, Visitor&& visit) {
    for (const shown_account& account : page.accounts) {
        visit(account.number);
        for (const uint32_t script : account.scripts) visit(script);
        for (const shown_domain& domain : account.domains) {
            visit(domain.number);
            for (const uint32_t address : domain.sender_emails) visit(address);
        }
    }
}

// Fills what objects of all kinds have in common.
class report_filler {
  public:
    explicit report_filler(const report_sources& from) : from_(from) {}

    account_activity account(const shown_account& shown) {
        account_activity out;
        account_ = from_.objects[shown.number];
        fill(out, shown.number, false, false);
        for (const shown_domain& each : shown.domains) out.domains.push_back(domain(each));
        for (const uint32_t each : shown.scripts) out.scripts.push_back(script(each));
        return out;
    }

  private:
    domain_activity domain(const shown_domain& shown) {
        domain_activity out;
        domain_ = from_.objects[shown.number];
        const auto owner = from_.directory.owner_of_domain(domain_.name);
        owns_domain_ = owner && equal_ignoring_case(owner->value, account_.name);
        const bool whitelisted = is_whitelisted(domain_.name);
        out.account_id = to_id(account_.key);
        fill(out, shown.number, whitelisted, whitelisted);
        for (const uint32_t each : shown.sender_emails) {
            out.sender_emails.push_back(address(each, whitelisted));
        }
        return out;
    }

    sender_activity address(uint32_t number, bool domain_whitelisted) {
        sender_activity out;
        const bool whitelisted = is_whitelisted(from_.objects[number].name);
        out.account_id = to_id(account_.key);
        out.domain_id = to_id(domain_.key);
        fill(out, number, whitelisted, whitelisted || domain_whitelisted);
        return out;
    }

    sender_activity script(uint32_t number) {
        sender_activity out;
        out.account_id = to_id(account_.key);
        fill(out, number, false, false);
        return out;
    }

    // An entry holds for mail of the account that owns the domain, or for anybody's.
    bool is_whitelisted(std::string_view name) const {
        const auto entry = from_.policy.senders.find(to_lower(name));
        if (entry == from_.policy.senders.end()) return false;
        const bool any_submitter = entry->second;
        return any_submitter || owns_domain_;
    }

    // `exempt`: no limit holds its mail, its own entry's or one above it.
    template <class Activity>
    void fill(Activity& out, uint32_t number, bool whitelisted, bool exempt) const {
        const sender_object object = from_.objects[number];
        const mail_policy& policy = from_.policy;
        out.has_own_limit = policy.own_limits.contains(object.key);
        out.id = to_id(object.key);
        out.limit = policy.limit_of(object.kind, object.key);
        out.messages = from_.sums[number].messages;
        out.object = std::string(object.name);
        out.quarantined = from_.sums[number].quarantined;
        out.whitelisted = whitelisted;
        if (out.limit == 0 || policy.mode == limit_mode::none) return;
        const uint64_t used = used_by(object.key);
        out.at_limit = policy.limits_on() && !exempt && used >= out.limit;
        out.remaining = used >= out.limit ? 0 : static_cast<int64_t>(out.limit - used);
    }

    uint64_t used_by(const object_key& key) const {
        const auto found = from_.usage.find(key);
        if (found == from_.usage.end()) return 0;
        const bool by_message = from_.policy.mode == limit_mode::messages;
        return by_message ? found->second.messages : found->second.recipients;
    }

    const report_sources& from_;
    sender_object account_;
    sender_object domain_;
    bool owns_domain_ = false;  // the account, the domain
};

error out_of_range(std::string_view what, int64_t min, int64_t max, int64_t given) {
    return fail(error_code::bad_request, std::string(what) + " must be " + std::to_string(min) +
                                             " to " + std::to_string(max) + ", not " +
                                             std::to_string(given));
}

}  // namespace

outcome<nothing> check_activity_query(const get_activity& query) {
    if (query.since_s < 0 || query.since_s > get_activity::since_s_max) {
        return out_of_range("since", 0, get_activity::since_s_max, query.since_s);
    }
    if (query.limit < 1 || query.limit > get_activity::limit_max) {
        return out_of_range("limit", 1, get_activity::limit_max, query.limit);
    }
    const std::pair<std::string_view, const std::string*> filters[] = {
        {"account name", &query.account_filter},
        {"domain", &query.domain_filter},
        {"sender email", &query.sender_filter},
        {"script name", &query.script_filter}};
    for (const auto& [what, text] : filters) {
        if (text->size() <= filter_bytes_max) continue;
        return fail(error_code::bad_request, std::string(what) + " may have at most " +
                                                 std::to_string(filter_bytes_max) + " bytes, not " +
                                                 std::to_string(text->size()));
    }
    return nothing{};
}

size_t report_bytes(const activity_page& page, const object_names& objects) {
    size_t bytes = 0;
    for_each_object(page, [&](uint32_t number) {
        bytes += wire_bytes_of_object + objects[number].name.size();
    });
    return bytes;
}

std::vector<object_key> limited_objects(const activity_page& page, const object_names& objects,
                                        const mail_policy& policy) {
    std::vector<object_key> keys;
    if (policy.mode == limit_mode::none) return keys;
    for_each_object(page, [&](uint32_t number) {
        const sender_object object = objects[number];
        if (policy.limit_of(object.kind, object.key) > 0) keys.push_back(object.key);
    });
    return keys;
}

std::vector<account_activity> make_report(const activity_page& page, const report_sources& from) {
    std::vector<account_activity> out;
    out.reserve(page.accounts.size());
    report_filler filler(from);
    for (const shown_account& each : page.accounts) out.push_back(filler.account(each));
    return out;
}

}  // namespace ie
