#include "actors/quarantine/mail_schema.hpp"

#include <algorithm>
#include <limits>

namespace ie {
namespace {

constexpr size_t filter_bytes_max = 1'000;

// A pattern that matches the text anywhere; '!' escapes what LIKE takes for more than itself.
std::string anywhere(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c;
    }
    return pattern + "%";
}

void add_text(sql_condition& where, std::string_view text, const std::string& test) {
    if (text.empty()) return;
    where.text += " AND " + test;
    const auto places = std::count(test.begin(), test.end(), '?');
    where.values.insert(where.values.end(), static_cast<size_t>(places), anywhere(text));
}

outcome<nothing> add_reason(sql_condition& where, const std::string& reason) {
    if (reason.empty()) return nothing{};
    const auto names = enum_names(hold_reason{});
    const auto found = std::find(names.begin(), names.end(), reason);
    if (found == names.end()) {
        return fail(error_code::bad_request, "reason must be spam, winexec or ratelimit");
    }
    where.text += " AND (reasons & ?) != 0";
    where.values.emplace_back(int64_t{1} << (found - names.begin()));
    return nothing{};
}

outcome<nothing> check(const mail_filter& filter) {
    constexpr int64_t seconds_max = std::numeric_limits<int64_t>::max() / 1000;
    const auto is_time = [](int64_t at_s) { return at_s >= 0 && at_s <= seconds_max; };
    if (!is_time(filter.since_s) || !is_time(filter.until_s)) {
        return fail(error_code::bad_request, "since_s, until_s: not a time");
    }
    for (const auto* text : {&filter.sender, &filter.recipient, &filter.subject, &filter.script}) {
        if (text->size() <= filter_bytes_max) continue;
        return fail(error_code::bad_request, "a filter's text may have at most " +
                                                 std::to_string(filter_bytes_max) + " bytes");
    }
    return nothing{};
}

}  // namespace

outcome<sql_condition> sql_of(const mail_query& query) {
    const mail_filter& filter = query.filter;
    if (const auto checked = check(filter); !checked) return checked.failure();
    sql_condition where{query.held_only ? "state < 2 AND state = 0" : "state < 2", {}};
    if (!query.account.empty()) {
        where.text += " AND account = ?";
        where.values.emplace_back(query.account.value);
    }
    if (filter.since_s > 0) {
        where.text += " AND received_at_ms >= ?";
        where.values.emplace_back(filter.since_s * 1000);
    }
    if (filter.until_s > 0) {
        where.text += " AND received_at_ms < ?";
        where.values.emplace_back(filter.until_s * 1000);
    }
    if (const auto added = add_reason(where, filter.reason); !added) return added.failure();
    add_text(where, filter.sender, "sender LIKE ? ESCAPE '!'");
    add_text(where, filter.subject, "subject LIKE ? ESCAPE '!'");
    add_text(where, filter.script, "(script LIKE ? ESCAPE '!' OR script_raw LIKE ? ESCAPE '!')");
    add_text(where, filter.recipient,
             "EXISTS (SELECT 1 FROM recipients WHERE mail = number AND address LIKE ? ESCAPE '!')");
    return where;
}

}  // namespace ie
