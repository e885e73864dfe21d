#include "actors/settings/whitelist_rules.hpp"

#include <algorithm>
#include <unordered_set>

#include "config/domain_name.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t shown_bytes_max = 330;  // of a refused value: an address fits

error refused(const std::string& text, std::string_view why) {
    return fail(
        error_code::bad_request,
        log_value(std::string_view(text).substr(0, shown_bytes_max)).append(": ").append(why));
}

bool has_two_labels(std::string_view domain) {
    return domain.find('.') != domain.npos;
}

// ".php" is no top-level domain.
bool is_script(std::string_view text) {
    return text.find('/') != text.npos || to_lower(text).ends_with(".php");
}

outcome<std::string> address_value(const std::string& text) {
    auto address = normal_address(text);
    if (!address) return refused(text, "isn't a mail address");
    if (!has_two_labels(domain_part(*address))) {
        return refused(text,
                       "isn't a mail address: its domain must have two labels, as in "
                       "user@domain.com");
    }
    return std::move(*address);
}

outcome<std::string> domain_value(whitelist_kind list, const std::string& text) {
    constexpr std::string_view only =
        "only domains and addresses can be whitelisted, not accounts "
        "or scripts";
    auto domain = normal_domain(text);
    if (is_script(text) || (domain && !has_two_labels(*domain))) return refused(text, only);
    if (!domain) return refused(text, "is neither a domain nor a mail address");
    if (list == whitelist_kind::authuser) {
        return refused(text, "the whitelist of authenticated users takes mail addresses only");
    }
    return std::move(*domain);
}

outcome<nothing> check_request(const change_whitelist& request) {
    if (request.values.empty() || request.values.size() > change_whitelist::values_max) {
        return fail(error_code::bad_request, std::to_string(request.values.size()) +
                                                 " values; a request takes 1 to " +
                                                 std::to_string(change_whitelist::values_max));
    }
    if (request.any_submitter && request.kind != whitelist_kind::sender) {
        return fail(error_code::bad_request, "any_submitter is for the whitelist of senders only");
    }
    return nothing{};
}

// In normal form and in the request's order, each once.
outcome<std::vector<std::string>> distinct_values(const change_whitelist& request) {
    std::vector<std::string> values;
    std::unordered_set<std::string> seen;
    for (const auto& text : request.values) {
        auto value = whitelist_value(request.kind, text);
        if (!value) return value.failure();
        if (seen.insert(*value).second) values.push_back(std::move(*value));
    }
    return values;
}

outcome<nothing> plan_removal(whitelist_plan& plan, const whitelist_book& book, whitelist_kind list,
                              const std::string& value) {
    const auto* entry = book.find(list, value);
    if (entry == nullptr) {
        return fail(error_code::not_found,
                    value + " isn't in the whitelist of " + std::string(name_of(list)) + "s");
    }
    plan.removed.push_back(*entry);
    plan.reply.removed.push_back(value);
    return nothing{};
}

void plan_addition(whitelist_plan& plan, const whitelist_book& book, whitelist_entry entry) {
    const auto* before = book.find(entry.list, entry.value);
    // One that holds whoever submits holds for the owner, too; it is narrowed by removing it first.
    if (before != nullptr && (before->any_submitter || !entry.any_submitter)) {
        plan.reply.unchanged.push_back(std::move(entry.value));
        return;
    }
    const auto planned = static_cast<int64_t>(plan.put.size());
    entry.number = before != nullptr ? before->number : book.last_number() + planned + 1;
    plan.reply.added.push_back(entry.value);
    plan.put.push_back(std::move(entry));
}

}  // namespace

const whitelist_entry* whitelist_book::find(whitelist_kind list, const std::string& value) const {
    const auto& entries = lists_[static_cast<size_t>(list)];
    const auto found = entries.find(value);
    return found == entries.end() ? nullptr : &found->second;
}

whitelist_entries whitelist_book::entries_of(whitelist_kind list) const {
    std::vector<const whitelist_entry*> ordered;
    for (const auto& [value, entry] : lists_[static_cast<size_t>(list)]) ordered.push_back(&entry);
    std::sort(ordered.begin(), ordered.end(),
              [](const auto* left, const auto* right) { return left->number < right->number; });
    whitelist_entries out;
    for (const auto* each : ordered) {
        (each->is_domain() ? out.domains : out.emails).push_back(each->value);
        if (each->any_submitter) out.any_submitter.push_back(each->value);
    }
    return out;
}

size_t whitelist_book::size() const {
    size_t total = 0;
    for (const auto& list : lists_) total += list.size();
    return total;
}

void whitelist_book::put(const whitelist_entry& entry) {
    lists_[static_cast<size_t>(entry.list)].insert_or_assign(entry.value, entry);
    last_number_ = std::max(last_number_, entry.number);
}

void whitelist_book::remove(const whitelist_entry& entry) {
    lists_[static_cast<size_t>(entry.list)].erase(entry.value);
}

outcome<std::string> whitelist_value(whitelist_kind list, const std::string& text) {
    return text.find('@') != text.npos ? address_value(text) : domain_value(list, text);
}

outcome<whitelist_plan> plan_whitelist(const whitelist_book& book,
                                       const change_whitelist& request) {
    if (const auto checked = check_request(request); !checked) return checked.failure();
    const auto values = distinct_values(request);
    if (!values) return values.failure();
    whitelist_plan plan;
    for (const auto& value : *values) {
        if (request.remove) {
            const auto planned = plan_removal(plan, book, request.kind, value);
            if (!planned) return planned.failure();
        } else {
            plan_addition(plan, book, {request.kind, value, request.any_submitter, 0});
        }
    }
    if (book.size() + plan.put.size() > whitelist_book::entries_max && !plan.put.empty()) {
        return fail(error_code::too_large, "the whitelists hold at most " +
                                               std::to_string(whitelist_book::entries_max) +
                                               " entries together");
    }
    return plan;
}

std::string listing_text(const whitelist_entry* entry) {
    if (entry == nullptr) return "not listed";
    return entry->any_submitter ? "listed for any submitter" : "listed";
}

}  // namespace ie
