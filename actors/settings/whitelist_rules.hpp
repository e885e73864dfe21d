// The whitelists and what may stand in them (seed, Whitelisting): addresses, and, but for
// authusers, domains. Pure. Accounts and scripts can't be whitelisted.
#pragma once

#include <array>
#include <unordered_map>

#include "messages/settings.hpp"

namespace ie {

struct whitelist_entry {
    whitelist_kind list = whitelist_kind::sender;
    std::string value;  // in normal form: an address if it has an '@', else a domain
    bool any_submitter = false;
    int64_t number = 0;  // in order of adding, from 1, over all lists

    bool is_domain() const { return value.find('@') == value.npos; }
    bool operator==(const whitelist_entry&) const = default;
};

class whitelist_book {
  public:
    static constexpr size_t entries_max = 100'000;  // of all lists together

    // Nothing where it isn't there.
    const whitelist_entry* find(whitelist_kind list, const std::string& value) const;
    whitelist_entries entries_of(whitelist_kind list) const;
    size_t size() const;
    int64_t last_number() const { return last_number_; }

    void put(const whitelist_entry& entry);
    void remove(const whitelist_entry& entry);

    template <class Visitor>
    void for_each(Visitor&& visit) const {
        for (const auto& list : lists_) {
            for (const auto& [value, entry] : list) visit(entry);
        }
    }

  private:
    std::array<std::unordered_map<std::string, whitelist_entry>, 3> lists_;  // by whitelist_kind
    int64_t last_number_ = 0;
};

// The value as it is kept. Fails: bad_request, naming the value and what would be right.
outcome<std::string> whitelist_value(whitelist_kind list, const std::string& text);

struct whitelist_plan {
    std::vector<whitelist_entry> put;  // new ones, and those whose any_submitter changes
    std::vector<whitelist_entry> removed;
    whitelist_changed reply;
};

// What a request comes to; a value that is given twice counts once. Fails: bad_request, not_found
// (to be removed), too_large.
outcome<whitelist_plan> plan_whitelist(const whitelist_book& book, const change_whitelist& request);

// "listed", "listed for any submitter" or "not listed" (nothing): for the audit trail.
std::string listing_text(const whitelist_entry* entry);

}  // namespace ie
