// How a filter is said in SQL, for quarantine.db's rows of what is held.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "messages/quarantine.hpp"

namespace ie {

// Which mails to look at: `account` empty means every account's; the filter's own is not read.
struct mail_query {
    account_name account;
    mail_filter filter;
    bool held_only = false;  // otherwise also those that are being released
};

// A WHERE clause and what is bound to its places, in order.
struct sql_condition {
    std::string text;
    std::vector<std::variant<int64_t, std::string>> values;
};

// Texts are SQLite's LIKE's: for it a text ends at a NUL. Fails: bad_request (as `check` of the
// filter).
outcome<sql_condition> sql_of(const mail_query& query);

}  // namespace ie
