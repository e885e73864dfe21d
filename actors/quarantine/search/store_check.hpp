// Verifies the store for who asks: every file whole, unaltered and known to the database as it is;
// every mail of the database with its file; each account's space the sum of its mails. What is
// held, settled or carried by the journal meanwhile looks unsound to the reader, whose answer is
// `sound`; the rest is for who holds mail: one part, which is little, so that holds are served in
// between.
#pragma once

#include <functional>

#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/store/mail_store.hpp"

namespace ie {

class store_check {
  public:
    // Position 0 is the database by itself, then come the mails by the first three digits of their
    // ids.
    static constexpr uint32_t end = 1 + 16 * mail_store::folder_count;
    static constexpr int64_t work_ms_max = 100;  // of `sound`, about

    // `is_carried`: the journal has yet to write the mail back. What else it is given outlives it.
    store_check(
        quarantine_database& database, const mail_store& store,
        std::function<bool(const mail_id&)> is_carried = [](const mail_id&) { return false; })
        : database_(database), store_(store), is_carried_(std::move(is_carried)) {}

    // Parts from that one on, as long as they are sound; the answer's position is where it ends.
    // Fails: bad_request, storage_failed.
    outcome<store_checked> sound(uint32_t position);
    // That part, whatever is wrong with it. Fails as `sound`.
    outcome<store_checked> part(uint32_t position);

  private:
    outcome<nothing> check_database(store_checked& out);
    outcome<nothing> check_mails(uint32_t part, store_checked& out);
    void check_mail(const known_mail& row, store_checked& out);

    quarantine_database& database_;
    const mail_store& store_;
    std::function<bool(const mail_id&)> is_carried_;
};

}  // namespace ie
