// What `emails list` asks of held mail, answered from memory: how many mails match a filter, and
// which are on a page of them. A million mails take some 35 MB and their texts' temporary files; a
// question reads the texts of one file for each text of the filter. Made anew at each start from
// quarantine.db, which alone is durable. Owns its temporary files, which are gone with the process.
//
// Answers are mail_index's, but for bytes that SQLite's LIKE doesn't see as they are: it ends a
// text at a NUL and takes all that isn't UTF-8 for the same. Here each byte counts.
#pragma once

#include <array>

#include "actors/quarantine/search/filter_rules.hpp"
#include "actors/quarantine/search/origin_table.hpp"

namespace ie {

class mail_catalog {
  public:
    // The files go into that folder. Memory for that many mails and some more is taken at once, and
    // costs nothing until it is used: arrays that grow leave gaps behind. Fails: storage_failed.
    static outcome<mail_catalog> open(const std::string& folder, size_t mails_expected = 0);

    // Mails come in the order of their numbers: one that isn't beyond `last_number` is known
    // already. After a failure the catalog is as before. Now and then what was forgotten is swept
    // out before: 0.2 s for a million mails, when a quarter of them has gone.
    // Fails: storage_failed.
    outcome<nothing> add(const mail_row& row);
    int64_t last_number() const { return last_number_; }  // 0: none yet

    // Of mails that aren't known, or aren't shown any more, nothing is to be told: no effect.
    outcome<nothing> add_recipients(int64_t number, const std::vector<std::string>& recipients);
    void set_state(int64_t number, mail_state state);

    struct page {
        uint64_t count = 0;  // that match, on whatever page
        std::vector<int64_t> numbers;
    };
    // Newest first. Fails: bad_request (the filter), storage_failed.
    outcome<page> find(const mail_query& query, uint32_t limit, uint32_t offset);

    size_t size() const { return shown_count_; }

  private:
    // Places in `order_`.
    struct age_range {
        size_t oldest = 0;
        size_t end = 0;  // behind the newest
    };

    mail_catalog(origin_table origins, std::array<text_column, 3> texts);
    void expect(size_t mails);
    outcome<nothing> make_room();
    void add_row(const mail_row& row, uint32_t origin);
    std::optional<size_t> shown_row(int64_t number) const;

    bool is_older(uint32_t left, uint32_t right) const;
    void put_in_order();
    age_range ages_within(const filter_bounds& bounds) const;
    row_set rows_within(age_range ages) const;
    outcome<row_set> matching(const mail_query& query, const filter_bounds& bounds,
                              age_range ages) const;
    outcome<nothing> keep_origins(const mail_query& query, row_set& rows) const;
    outcome<nothing> keep_recipients(const std::string& pattern, row_set& rows) const;
    page page_of(const row_set& rows, age_range ages, uint32_t limit, uint32_t offset) const;

    outcome<nothing> sweep();
    void sweep_rows(const row_set& later, const std::vector<uint32_t>& new_origins);

    // Row r is the r-th mail that was added, and entry r of each of these.
    std::vector<int64_t> numbers_;         // ascending
    std::vector<int64_t> received_at_ms_;  // Unix time
    std::vector<uint32_t> row_origins_;    // of `origins_`
    row_set shown_;                        // held or being released
    row_set held_;
    std::array<row_set, hold_reasons> with_reason_;
    text_column subjects_;
    text_column recipients_;

    // Recipients that were added to a row later; which row it is.
    text_column later_recipients_;
    std::vector<uint32_t> later_rows_;

    std::vector<uint32_t> order_;  // the rows, oldest first, up to `ordered_`
    size_t ordered_ = 0;
    size_t shown_count_ = 0;
    int64_t last_number_ = 0;
    origin_table origins_;
};

}  // namespace ie
