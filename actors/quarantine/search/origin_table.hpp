// Whom held mail comes from: each combination of account, envelope sender, script and script header
// once, or a few times where there are more than memory is spent on; rows then need no more than
// its number. Owns the temporary files of its texts. After a failed call the table is as before it.
#pragma once

#include <unordered_map>

#include "actors/quarantine/index/mail_row.hpp"
#include "actors/quarantine/search/text_column.hpp"
#include "messages/sender_object.hpp"

namespace ie {

class origin_table {
  public:
    // Fails: storage_failed, as all here do.
    static outcome<origin_table> open(const std::string& folder);

    size_t size() const { return accounts_.size(); }
    // The origin of that mail, added where it isn't known.
    outcome<uint32_t> number_of(const mail_row& row);

    static bool asks_for_origin(const mail_query& query);
    outcome<row_set> matching(const mail_query& query) const;

    // A table of these alone, numbered anew in their order.
    outcome<origin_table> copy_of(const row_set& origins) const;

  private:
    // Of combinations that are known again: some 50 bytes each.
    static constexpr size_t known_max = 131'072;

    origin_table(text_column senders, text_column scripts)
        : senders_(std::move(senders)), scripts_(std::move(scripts)) {}
    uint32_t account_number(const std::string& account);
    row_set of_account(const account_name& account) const;

    std::unordered_map<std::string, uint32_t> account_numbers_;  // by the name in lower case
    std::unordered_map<object_key, uint32_t, object_key_hash> known_;
    std::vector<uint32_t> accounts_;  // of each origin
    text_column senders_;
    text_column scripts_;  // two parts: the owner's, and the header as it stood in the mail
};

}  // namespace ie
