#include "actors/settings/named_settings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr double threshold_max = 1'000;  // either way
constexpr double threshold_step = 1e-6;  // finer ones are rounded
constexpr size_t shown_bytes_max = 80;   // of a name or value that is refused

// How a value is read and written; read says whether it was one.
struct setting_rule {
    std::string_view key;
    std::string_view expected;
    bool (*read)(mail_policy& policy, std::string_view value);
    std::string (*write)(const mail_policy& policy);
};

template <class Number>
bool read_number(Number& number, std::string_view text) {
    const char* end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, number);
    return failed == std::errc{} && stop == end;
}

template <sender_kind Kind>
bool read_limit(mail_policy& policy, std::string_view value) {
    return read_number(policy.default_limits[static_cast<size_t>(Kind)], value);
}

template <sender_kind Kind>
std::string write_limit(const mail_policy& policy) {
    return std::to_string(policy.default_limits[static_cast<size_t>(Kind)]);
}

template <bool mail_policy::*Switch>
bool read_switch(mail_policy& policy, std::string_view value) {
    policy.*Switch = value == "on";
    return value == "on" || value == "off";
}

template <bool mail_policy::*Switch>
std::string write_switch(const mail_policy& policy) {
    return policy.*Switch ? "on" : "off";
}

// Whether mail is held for that reason.
template <size_t Reason>
bool read_reason(mail_policy& policy, std::string_view value) {
    policy.reasons_on.set(hold_reason_table[Reason].reason, value == "on");
    return value == "on" || value == "off";
}

template <size_t Reason>
std::string write_reason(const mail_policy& policy) {
    return policy.reasons_on.has(hold_reason_table[Reason].reason) ? "on" : "off";
}

// The seed's `--limit-mode`.
bool read_mode(mail_policy& policy, std::string_view value) {
    policy.mode = value == "2" ? limit_mode::recipients : limit_mode::messages;
    return value == "1" || value == "2";
}

std::string write_mode(const mail_policy& policy) {
    return policy.mode == limit_mode::recipients ? "2" : "1";
}

bool read_threshold(mail_policy& policy, std::string_view value) {
    double number = 0;
    if (!read_number(number, value) || !(std::abs(number) <= threshold_max)) return false;
    policy.spam_threshold = std::round(number / threshold_step) * threshold_step + 0.0;  // no -0
    return true;
}

std::string write_threshold(const mail_policy& policy) {
    char text[64];
    const auto written = std::to_chars(std::begin(text), std::end(text), policy.spam_threshold,
                                       std::chars_format::fixed, 6);
    std::string out(text, written.ptr);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out;
}

// -1: what holds where nothing was ever set.
template <class Number>
bool read_or_default(Number& number, std::string_view value, Number by_default) {
    int64_t given = 0;
    if (!read_number(given, value) || given < -1) return false;
    if (given > static_cast<int64_t>(std::min<uint64_t>(std::numeric_limits<Number>::max(),
                                                        std::numeric_limits<int64_t>::max()))) {
        return false;
    }
    number = given == -1 ? by_default : static_cast<Number>(given);
    return true;
}

bool read_space(mail_policy& policy, std::string_view value) {
    return read_or_default(policy.default_space.limit_bytes, value,
                           space_rules::limit_bytes_default);
}

std::string write_space(const mail_policy& policy) {
    return std::to_string(policy.default_space.limit_bytes);
}

bool read_releases(mail_policy& policy, std::string_view value) {
    return read_or_default(policy.default_space.releases_limit, value,
                           space_rules::releases_limit_default);
}

std::string write_releases(const mail_policy& policy) {
    return std::to_string(policy.default_space.releases_limit);
}

constexpr std::string_view is_limit = "a whole number from 0 (unlimited) to 4294967295";
constexpr std::string_view is_switch = "\"on\" or \"off\"";

template <sender_kind Kind>
constexpr setting_rule limit_rule(std::string_view key) {
    return {key, is_limit, read_limit<Kind>, write_limit<Kind>};
}

template <bool mail_policy::*Switch>
constexpr setting_rule switch_rule(std::string_view key) {
    return {key, is_switch, read_switch<Switch>, write_switch<Switch>};
}

constexpr std::array own_rules{
    switch_rule<&mail_policy::dry_run>("dry_run"),
    switch_rule<&mail_policy::incoming_on>("incoming"),
    limit_rule<sender_kind::account>("limit_account"),
    limit_rule<sender_kind::domain>("limit_domain"),
    setting_rule{"limit_mode", "\"1\" (messages) or \"2\" (recipients)", read_mode, write_mode},
    limit_rule<sender_kind::script>("limit_script"),
    limit_rule<sender_kind::sender_email>("limit_sender_email"),
    switch_rule<&mail_policy::notify_header>("notify_header"),
    setting_rule{"quarantine_limit_bytes",
                 "a whole number from 0 to 9223372036854775807, or -1: 104857600", read_space,
                 write_space},
    setting_rule{"quarantine_releases_limit", "a whole number from 0 to 4294967295, or -1: 5",
                 read_releases, write_releases},
    setting_rule{"spam_threshold", "a number from -1000 to 1000", read_threshold, write_threshold},
};

// With a switch for each hold reason, ordered by name.
template <size_t... Reason>
constexpr auto with_reasons(std::index_sequence<Reason...>) {
    std::array<setting_rule, own_rules.size() + hold_reasons> all{setting_rule{
        hold_reason_table[Reason].name, is_switch, read_reason<Reason>, write_reason<Reason>}...};
    std::copy(own_rules.begin(), own_rules.end(), all.begin() + hold_reasons);
    std::sort(all.begin(), all.end(), [](const setting_rule& left, const setting_rule& right) {
        return left.key < right.key;
    });
    return all;
}
constexpr auto rules = with_reasons(std::make_index_sequence<hold_reasons>{});

const setting_rule* find_rule(std::string_view key) {
    const auto* found = std::find_if(std::begin(rules), std::end(rules),
                                     [&](const setting_rule& each) { return each.key == key; });
    return found == std::end(rules) ? nullptr : found;
}

std::string shown(const std::string& text) {
    return log_value(std::string_view(text).substr(0, shown_bytes_max));
}

error unknown(const std::string& key) {
    std::string known;
    for (const auto& each : rules) known.append(known.empty() ? "" : ", ").append(each.key);
    return fail(error_code::bad_request, shown(key) + " is no setting; they are " + known);
}

}  // namespace

outcome<nothing> apply_setting(mail_policy& policy, const setting& change) {
    const setting_rule* rule = find_rule(change.key);
    if (rule == nullptr) return unknown(change.key);
    mail_policy next = policy;
    if (!rule->read(next, change.value)) {
        return fail(error_code::bad_request, change.key + ": " + shown(change.value) +
                                                 " isn't right, it must be " +
                                                 std::string(rule->expected));
    }
    policy = std::move(next);
    return nothing{};
}

std::vector<setting> settings_of(const mail_policy& policy) {
    std::vector<setting> all;
    for (const auto& each : rules) all.push_back({std::string(each.key), each.write(policy)});
    return all;
}

outcome<std::vector<changed_setting>> plan_settings(const mail_policy& now,
                                                    const std::vector<setting>& changes) {
    std::vector<changed_setting> plan;
    mail_policy next = now;
    for (const auto& change : changes) {
        const auto same = [&](const changed_setting& each) { return each.key == change.key; };
        if (std::any_of(plan.begin(), plan.end(), same)) {
            return fail(error_code::bad_request, change.key + " is given twice; give it once");
        }
        if (const auto applied = apply_setting(next, change); !applied) return applied.failure();
        const setting_rule& rule = *find_rule(change.key);
        plan.push_back({change.key, rule.write(now), rule.write(next)});
    }
    return plan;
}

}  // namespace ie
