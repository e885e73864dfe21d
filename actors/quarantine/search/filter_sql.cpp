#include "actors/quarantine/search/filter_sql.hpp"

#include <algorithm>

#include "actors/quarantine/search/filter_rules.hpp"

namespace ie {
namespace {

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

}  // namespace

outcome<sql_condition> sql_of(const mail_query& query) {
    const mail_filter& filter = query.filter;
    const auto bounds = check(filter);
    if (!bounds) return bounds.failure();
    sql_condition where{query.held_only ? "state < 2 AND state = 0" : "state < 2", {}};
    if (!query.account.empty()) {
        where.text += " AND account = ?";
        where.values.emplace_back(query.account.value);
    }
    if (bounds->since_ms) {
        where.text += " AND received_at_ms >= ?";
        where.values.emplace_back(*bounds->since_ms);
    }
    if (bounds->until_ms) {
        where.text += " AND received_at_ms < ?";
        where.values.emplace_back(*bounds->until_ms);
    }
    if (bounds->reason) {
        where.text += " AND (reasons & ?) != 0";
        where.values.emplace_back(int64_t{1} << static_cast<int>(*bounds->reason));
    }
    add_text(where, filter.sender, "sender LIKE ? ESCAPE '!'");
    add_text(where, filter.subject, "subject LIKE ? ESCAPE '!'");
    add_text(where, filter.script, "(script LIKE ? ESCAPE '!' OR script_raw LIKE ? ESCAPE '!')");
    // No address has a line end, so no match reaches from one into the next.
    if (filter.recipient.find('\n') != std::string::npos) where.text += " AND 0";
    add_text(where, filter.recipient, "recipients LIKE ? ESCAPE '!'");
    return where;
}

}  // namespace ie
