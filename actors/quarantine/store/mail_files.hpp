// What may be done with the file of a held mail once it is there.
#pragma once

#include "actors/quarantine/store/stored_mail.hpp"

namespace ie {

class hold_journal;
class mail_store;

// Both outlive it.
class mail_files {
  public:
    mail_files(const mail_store& store, hold_journal& journal) : store_(store), journal_(journal) {}

    // Whole and unaltered. Fails: not_found (no file), storage_failed (unreadable, altered).
    outcome<stored_mail> open(const mail_id& id) const;
    // For good: the journal won't bring it back. One that isn't there is fine. Fails:
    // storage_failed.
    outcome<nothing> remove(const mail_id& id) const;

  private:
    const mail_store& store_;
    hold_journal& journal_;
};

}  // namespace ie
