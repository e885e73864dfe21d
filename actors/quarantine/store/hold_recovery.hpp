// What the journal has that may not be on the disk: written anew as message files, mail by mail,
// with a row where there is none, many rows a commit. Which step a mail needs is recovery_rules' to
// say. A mail that can't be written back stays in the journal, is tried again now and then, and
// stops no other. Private to this folder.
#pragma once

#include "actors/quarantine/store/store_sweep.hpp"

namespace ie {

class hold_recovery {
  public:
    static constexpr int polls_between = 5;  // tries
    static constexpr size_t rows_at_once_max = 500;

    // What it is given outlives it.
    hold_recovery(quarantine_database& database, const mail_store& store, hold_journal& journal,
                  store_sweep& sweep, trouble& troubles)
        : database_(database),
          store_(store),
          journal_(journal),
          sweep_(sweep),
          trouble_(troubles),
          unreadable_(journal.unreadable()) {}

    // Does what the journal needs: all of it where it isn't settled, what is carried otherwise.
    // What fails is logged; then the journal keeps what it has.
    void run();
    // The same, but for tries that would follow too soon. Call it at each poll.
    void run_if_due();

  private:
    enum class result : uint8_t {
        nothing_to_do,  // settled meanwhile, or as it should be and only written anew
        written,        // it wasn't there
        lost,           // told of
        dropped,        // never acknowledged
        waits,          // it can't be written now
    };
    struct recovered_mail {
        const hold_journal::unsettled_mail* mail = nullptr;
        result done = result::nothing_to_do;
        std::optional<add_mail> row{};  // that the database has yet to get
    };
    struct counted {
        size_t written = 0;
        std::vector<hold_journal::unsettled_mail> waiting;
        std::vector<mail_id> settled;  // all others
        std::string why;               // the first of them waits
        void add(const recovered_mail& mail);
    };
    struct journaled_file;

    void recover_all();
    void recover_carried();
    counted recover(const std::vector<hold_journal::unsettled_mail>& mails);
    recovered_mail recover(const hold_journal::unsettled_mail& mail, std::string& why);
    result recover(const entry_place& place, row_state row, recovered_mail& mail, std::string& why);
    void commit_rows(std::vector<recovered_mail>& mails, counted& count);
    outcome<nothing> take(recovery_step step, const mail_id& id, const journaled_file& file);
    outcome<row_state> row_of_mail(const mail_id& id);
    journaled_file read_file(const mail_id& id, const entry_place& place) const;
    outcome<file_state> look(const mail_id& id, const journaled_file& file) const;
    void tell_lost(const mail_id& id, const entry_place& place, row_state row);
    void tell_lost(const mail_id& id, const std::string& what, row_state row);
    void tell_what_journal_lost();
    void tell(const counted& count);

    quarantine_database& database_;
    const mail_store& store_;
    hold_journal& journal_;
    store_sweep& sweep_;
    trouble& trouble_;
    logger log_{"quarantine"};
    int polls_left_ = 0;
    std::string unreadable_;                // of the journal, not told yet
    std::unordered_set<std::string> told_;  // lost mails
};

}  // namespace ie
