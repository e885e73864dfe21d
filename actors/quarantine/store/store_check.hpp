// Verifies the store for who asks: every file whole, unaltered and known to the database as it is;
// every mail of the database with its file; each account's space the sum of its mails. A bounded
// part a request, so that holds are served in between. Private to this folder.
#pragma once

#include "actors/quarantine/quarantine_context.hpp"

namespace ie {

class store_check {
  public:
    // Position 0 is the database by itself, then come the mails by the first three digits of their
    // ids.
    static constexpr uint32_t end = 1 + 16 * mail_store::folder_count;
    static constexpr int64_t work_ms_max = 100;  // of one request, about

    explicit store_check(quarantine_context& context) : context_(context) {}

    // Fails: bad_request, storage_failed.
    outcome<store_checked> step(uint32_t position);

  private:
    outcome<nothing> check_database(store_checked& out);
    outcome<nothing> check_mails(uint32_t part, store_checked& out);
    void check_mail(const known_mail& row, store_checked& out);

    quarantine_context& context_;
};

}  // namespace ie
