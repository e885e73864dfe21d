// The rows of held mails: by id, by ticket, the oldest, those of a folder.
#pragma once

#include <optional>

#include "actors/quarantine/index/quarantine_database.hpp"

namespace ie {

// A row in short, for the sweep.
struct known_mail {
    mail_id id;
    int64_t number = 0;
    mail_state state = mail_state::held;
    uint64_t file_bytes = 0;
};

// All fail with storage_failed.
class held_mails {
  public:
    explicit held_mails(quarantine_database& database) : database_(database) {}

    outcome<std::optional<mail_row>> find(const mail_id& id) const;
    outcome<std::optional<mail_row>> find(int64_t number) const;
    // Without recipients, which may be many.
    outcome<std::optional<mail_row>> find_short(const mail_id& id) const;
    // Those that were stored for one ticket, oldest first.
    outcome<std::vector<mail_row>> find_by_ticket(const mail_id& ticket) const;
    outcome<std::vector<mail_id>> releasing() const;
    // Of those whose id begins with two hex digits, or three.
    outcome<std::vector<known_mail>> ids_in(const std::string& prefix) const;

    // Held ones, the oldest first, without recipients; those of one account, or those that were
    // received before that time.
    outcome<std::vector<mail_row>> oldest_of(const account_name& account, uint32_t limit) const;
    outcome<std::vector<mail_row>> received_before(int64_t time_ms, uint32_t limit) const;

    // Forgets at most `limit` mails that were settled before that time; how many it were.
    outcome<uint32_t> forget_settled(int64_t before_ms, uint32_t limit) const;

  private:
    quarantine_database& database_;
};

}  // namespace ie
