// Verifies the store for who asks: every file whole, unaltered and known to the database as it is;
// every mail of the database with its file; each account's space the sum of its mails. A bounded
// part a request, so that holds are served in between. Private to this folder.
#pragma once

#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/store/hold_journal.hpp"
#include "actors/quarantine/store/mail_store.hpp"

namespace ie {

class store_check {
  public:
    // Position 0 is the database by itself, then come the mails by the first three digits of their
    // ids.
    static constexpr uint32_t end = 1 + 16 * mail_store::folder_count;
    static constexpr int64_t work_ms_max = 100;  // of one request, about

    // What it is given outlives it.
    store_check(quarantine_database& database, const mail_store& store, const hold_journal& journal)
        : database_(database), store_(store), journal_(journal) {}

    // Fails: bad_request, storage_failed.
    outcome<store_checked> step(uint32_t position);

  private:
    outcome<nothing> check_database(store_checked& out);
    outcome<nothing> check_mails(uint32_t part, store_checked& out);
    void check_mail(const known_mail& row, store_checked& out);

    quarantine_database& database_;
    const mail_store& store_;
    const hold_journal& journal_;
};

}  // namespace ie
