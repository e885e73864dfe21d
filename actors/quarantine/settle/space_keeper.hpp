// Keeps each account's quarantine within its space, and forgets what is too old: the oldest mails
// go, a bounded number at a time, so that holds and requests are served in between. The newest mail
// of an account stays, whatever its size: it was acknowledged. Private to this folder.
#pragma once

#include <functional>
#include <set>

#include "actors/quarantine/quarantine_context.hpp"

namespace ie {

class space_keeper {
  public:
    static constexpr uint32_t mails_at_once_max = 50;

    explicit space_keeper(quarantine_context& context) : context_(context) {}

    // The account has got mail.
    void look_at(const account_name& account);
    // Looks at all of them, as limits and the time may have changed.
    void look_at_all();
    // One step of what has to go; asks for the next one itself. `settle` is called before rows are
    // relied on: mail that is on its way may join one that has to go.
    void evict(const std::function<void()>& settle);

    size_t size() const { return waiting_.size(); }

  private:
    void ask_for_step();
    uint64_t excess_of(const account_name& account);
    bool evict_of(const account_name& account);
    bool evict_old();
    bool remove(const std::vector<mail_row>& rows, std::string_view why);

    quarantine_context& context_;
    std::set<std::string> waiting_;  // accounts, as they came
    bool look_for_old_ = true;
    bool asked_ = false;
};

// How many of them have to go for `excess_bytes`; never the last one. Pure.
size_t count_to_evict(const std::vector<mail_row>& oldest_first, uint64_t excess_bytes);

}  // namespace ie
