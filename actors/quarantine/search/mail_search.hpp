// Finds held mails by a filter: SQLite's LIKE over the rows of what is held, newest first.
#pragma once

#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/search/filter_sql.hpp"

namespace ie {

// What a filter finds.
struct mail_page {
    uint64_t count = 0;  // that match, on whatever page
    std::vector<mail_row> rows;
};
struct mail_choice {
    uint64_t count = 0;
    std::vector<mail_id> ids;
};

// All read every mail within the filter's account and time. Fail: bad_request (the filter),
// storage_failed.
class mail_search {
  public:
    explicit mail_search(quarantine_database& database) : database_(database) {}

    // Newest first, at most `limit`, and none more once they have `bytes_max` of recipients and
    // texts.
    outcome<mail_page> page(const mail_query& query, uint32_t limit, uint32_t offset,
                            uint64_t bytes_max) const;
    // The newest `limit` that match.
    outcome<mail_choice> choose(const mail_query& query, uint32_t limit) const;
    outcome<uint64_t> count(const mail_query& query) const;

  private:
    template <class Number>
    uint64_t find_numbers(const sql_condition& where, Number&& number) const;

    quarantine_database& database_;
};

}  // namespace ie
