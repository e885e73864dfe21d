// Removes held mail: chosen ones, or all of an account. What is removed stands in the audit trail.
// Private to this folder.
#pragma once

#include "actors/quarantine/index/account_ledger.hpp"
#include "actors/quarantine/settle/departures.hpp"
#include "actors/quarantine/settle/mail_chooser.hpp"
#include "actors/quarantine/settle/trail_outbox.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

// What is pointed to outlives the desk.
struct removal_options {
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    std::function<bool(const account_name&)> is_account;  // on this server; none: nobody is
};

class removal_desk {
  public:
    // What it is given outlives it.
    removal_desk(quarantine_database& database, const mail_chooser& chooser,
                 const departures& departing, trail_outbox& trail, removal_options options,
                 trouble& troubles)
        : database_(database),
          chooser_(chooser),
          departures_(departing),
          trail_(trail),
          options_(std::move(options)),
          trouble_(troubles) {}

    // `remaining` as mail_chooser has it.
    caf::result<mails_settled> on_remove_mails(const remove_mails& request,
                                               const request_context& from,
                                               std::optional<uint64_t> remaining = {});
    caf::result<account_purged> on_purge_account(const purge_account& request,
                                                 const request_context& from);

  private:
    outcome<nothing> check_account(const account_name& account) const;
    outcome<nothing> commit_purge(const account_name& account, const std::vector<mail_row>& rows,
                                  const caller& who);

    quarantine_database& database_;
    const mail_chooser& chooser_;
    const departures& departures_;
    trail_outbox& trail_;
    removal_options options_;
    trouble& trouble_;
    logger log_{"quarantine"};
};

}  // namespace ie
