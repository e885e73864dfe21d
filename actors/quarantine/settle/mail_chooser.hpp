// Which held mails a request to settle them means: by their ids, or by what a filter has found; and
// their new states, in one commit. Private to this folder.
#pragma once

#include <functional>
#include <optional>

#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/mail_scope.hpp"
#include "actors/quarantine/quarantine_internal.hpp"
#include "actors/quarantine/trouble.hpp"

namespace ie {

struct chosen_mails {
    std::vector<mail_row> rows;  // without recipients
    mails_settled reply;         // with those that can't be chosen
};

class mail_chooser {
  public:
    // `settings` is told who was refused; it may be null. What else it is given outlives it.
    mail_chooser(quarantine_internal::pointer self, quarantine_database& database,
                 const ie::clock& clock, settings_actor settings, trouble& troubles)
        : self_(self),
          database_(database),
          mails_(database),
          clock_(clock),
          settings_(std::move(settings)),
          trouble_(troubles) {}

    // Of release_mails and remove_mails. `remaining`: the request's ids are what its filter has
    // found, and it has that many more. Fails: not_permitted, bad_request, storage_failed.
    template <class Request>
    outcome<chosen_mails> choose(const Request& request, const request_context& from,
                                 std::optional<uint64_t> remaining) const;

    // What else is committed with a mail's new state.
    using more_changes = std::function<void(const mail_row&, std::vector<index_change>&)>;
    // What the rule makes of each, in one commit; returns the rows it was made of, as they were.
    // The reply has those that it refuses, or all where the commit fails.
    std::vector<mail_row> change(chosen_mails& chosen,
                                 outcome<release_record> (*rule)(const release_record&),
                                 const more_changes& more) const;

  private:
    void choose_by_id(chosen_mails& chosen, const std::vector<mail_id>& ids,
                      const mail_scope& scope, const caller& who, std::string_view request) const;
    outcome<nothing> choose_found(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                  const mail_scope& scope) const;

    quarantine_internal::pointer self_;
    quarantine_database& database_;
    held_mails mails_;
    const ie::clock& clock_;
    settings_actor settings_;
    trouble& trouble_;
};

}  // namespace ie
