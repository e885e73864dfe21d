// What accounts have in the quarantine, and what their owners have released.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "actors/quarantine/index/quarantine_database.hpp"

namespace ie {

struct held_total {
    uint64_t mails = 0;
    uint64_t bytes = 0;  // of their files
};

// What an account has.
struct used_space {
    account_name account;
    held_total held;
};

// What is shown of an account's mail.
struct shown_count {
    uint64_t held = 0;
    uint64_t releasing = 0;
};

// All fail with storage_failed.
class account_ledger {
  public:
    explicit account_ledger(quarantine_database& database) : database_(database) {}

    outcome<held_total> total() const;
    // Of each account that ever had any, by name; or of the one.
    outcome<std::vector<used_space>> spaces(const account_name& only = {}) const;
    outcome<shown_count> shown(const account_name& account) const;
    // Mails deleted since then, by account in lower case.
    outcome<std::map<std::string, uint64_t>> deleted_since(int64_t time_ms) const;
    // By the account's owner since then. Times beyond `now_ms` (the clock was set back) become it.
    outcome<uint64_t> releases_since(const account_name& account, int64_t since_ms,
                                     int64_t now_ms) const;
    // When the owner made his last release but `newer`; 0: there is none.
    outcome<int64_t> release_before(const account_name& account, uint64_t newer) const;
    // Nothing where nobody has asked, or it isn't known any more.
    outcome<std::optional<release_order>> order_of(int64_t number) const;
    // Of the accounts whose space isn't the sum of their mails, in words.
    outcome<std::vector<std::string>> check() const;

  private:
    quarantine_database& database_;
};

}  // namespace ie
