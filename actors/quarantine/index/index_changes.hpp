// What a commit to quarantine.db is made of. Private to actors/quarantine.
#pragma once

#include <variant>
#include <vector>

#include "actors/quarantine/index/mail_row.hpp"
#include "messages/settings.hpp"

namespace ie {

class quarantine_database;

struct add_mail {
    mail_row row;  // but for `number`
};
struct add_recipients {
    int64_t number = 0;
    std::vector<std::string> recipients;
    uint64_t file_bytes = 0;  // of the file with them
};
struct set_file_bytes {
    int64_t number = 0;
    uint64_t file_bytes = 0;
};
struct set_release {
    int64_t number = 0;
    release_record after;
    int64_t now_ms = 0;  // when, for those that are settled by it
};
struct put_order {
    int64_t number = 0;
    account_name account;
    release_order order;
};
// A release that failed isn't among those that the owner may make an hour.
struct uncount_release {
    int64_t number = 0;
};
// For the audit trail; its number is the database's.
struct add_action {
    audited_action action;
};
using index_change = std::variant<add_mail, add_recipients, set_file_bytes, set_release, put_order,
                                  uncount_release, add_action>;

// Fails: bad_request (what no row can hold).
outcome<nothing> check_changes(const std::vector<index_change>& changes);

// Within a transaction. Throws SQLite::Exception.
void apply(quarantine_database& database, const index_change& change);

}  // namespace ie
