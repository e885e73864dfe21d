// Keeps each account's quarantine within its space, and forgets what is too old: the oldest mails
// go, a bounded number at a time, so that holds and requests are served in between. The newest mail
// of an account stays, whatever its size: it was acknowledged. Private to this folder.
#pragma once

#include <functional>
#include <set>

#include "actors/quarantine/index/account_ledger.hpp"
#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/store/mail_files.hpp"
#include "actors/quarantine/trouble.hpp"
#include "config/clock.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

// What is pointed to outlives the keeper.
struct space_limits {
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    uint32_t retention_days = 0;  // 0: for ever
};

class space_keeper {
  public:
    static constexpr uint32_t mails_at_once_max = 50;

    // `step_due`: evict() is to be called soon. What else it is given outlives it.
    space_keeper(quarantine_database& database, const mail_files& files, const space_limits& limits,
                 trouble& troubles, std::function<void()> step_due)
        : database_(database),
          files_(files),
          limits_(limits),
          trouble_(troubles),
          step_due_(std::move(step_due)) {}

    // The account has got mail.
    void look_at(const account_name& account);
    // Looks at all of them, as limits and the time may have changed.
    void look_at_all();
    // One step of what has to go; asks for the next one. `settle` is called before rows are relied
    // on: mail that is on its way may join one that has to go.
    void evict(const std::function<void()>& settle);

    size_t size() const { return waiting_.size(); }

  private:
    void ask_for_step();
    uint64_t excess_of(const account_name& account);
    bool evict_of(const account_name& account);
    bool evict_old();
    bool remove(const std::vector<mail_row>& rows, std::string_view why);

    quarantine_database& database_;
    const mail_files& files_;
    space_limits limits_;
    trouble& trouble_;
    std::function<void()> step_due_;
    logger log_{"quarantine"};
    std::set<std::string> waiting_;  // accounts, as they came
    bool look_for_old_ = true;
    bool asked_ = false;
};

// How many of them have to go for `excess_bytes`; never the last one. Pure.
size_t count_to_evict(const std::vector<mail_row>& oldest_first, uint64_t excess_bytes);

}  // namespace ie
