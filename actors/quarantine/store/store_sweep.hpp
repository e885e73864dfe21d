// Compares files and rows after a start, a bounded part a step. A file without a row is taken in:
// it was acknowledged and the database has lost it, or it was about to be, and then Exim's next
// attempt finds it. So a database that was lost is made anew. A row without a file is reported, and
// stays. Private to this folder.
#pragma once

#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/store/hold_journal.hpp"
#include "actors/quarantine/store/mail_store.hpp"
#include "actors/quarantine/trouble.hpp"
#include "config/clock.hpp"

namespace ie {

class store_sweep {
  public:
    static constexpr size_t adopted_at_once_max = 100;
    static constexpr int64_t settled_kept_ms = 7LL * 24 * 3600 * 1000;  // longer than Exim retries
    static constexpr uint32_t forgotten_at_once_max = 500;

    // What it is given outlives it.
    store_sweep(quarantine_database& database, const mail_store& store, hold_journal& journal,
                const ie::clock& clock, trouble& troubles)
        : database_(database),
          store_(store),
          journal_(journal),
          clock_(clock),
          trouble_(troubles) {}

    void begin();  // says what has become of the database
    void step();   // call it until is_done()
    bool is_done() const { return next_folder_ == mail_store::folder_count && unknown_.empty(); }

    // The database is new and the files' mails aren't all in it yet.
    bool rebuilding() const { return rebuilding_; }
    // Fails while it does: unavailable, with how far it is.
    outcome<nothing> ready() const;

    // Staged files that nobody counts on. While the journal isn't settled each may be the only copy
    // of an acknowledged mail: they stay until then. Call both with no hold under way.
    bool has_leftovers() const { return !leftovers_.empty(); }
    void remove_leftovers();

    // A mail that may have a file and no row, before anything is written or said of it. Fails:
    // storage_failed, also where there is a file that can't be read; it stays.
    outcome<nothing> take_in(const mail_id& asked);
    // The same for many: what each one's row would be, nothing where it needs none; and all of
    // their rows (each an add_mail) in one commit. Fail: storage_failed.
    outcome<std::optional<add_mail>> row_to_adopt(const mail_id& id);
    outcome<nothing> commit_adopted(const std::vector<index_change>& rows);

    // Drops what was settled long ago; does something at most once an hour.
    void forget_settled();

  private:
    void sweep_folder(size_t folder);
    void compare(const std::vector<mail_id>& files, const std::vector<known_mail>& rows);
    bool may_come_back(const mail_id& id) const;
    void compare_size(const known_mail& row);
    void end();
    outcome<nothing> adopt(const std::vector<mail_id>& ids);

    quarantine_database& database_;
    const mail_store& store_;
    hold_journal& journal_;
    const ie::clock& clock_;
    trouble& trouble_;
    logger log_{"quarantine"};
    size_t next_folder_ = 0;
    std::vector<mail_id> leftovers_;
    std::vector<mail_id> unknown_;  // files without a row, of the folders looked at
    bool rebuilding_ = false;
    uint64_t adopted_ = 0;
    int64_t forgotten_at_ms_ = 0;
};

}  // namespace ie
