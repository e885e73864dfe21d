// Takes mail in: its file under a temporary name, then the journal, durably, then the file's name
// and its row, then the answer. Mails that wait together share the work, one fsync and one commit.
// Private to this folder.
//
// Failures: a hold whose file can't be written, synced or named has failed, and the others go on;
// nothing is synced twice. Where the journal or the database refuses them together, each is tried
// alone, once: both write anew what they are given. Nothing is left of a hold that failed, and Exim
// has it still.
#pragma once

#include <deque>

#include "actors/owed_answer.hpp"
#include "actors/quarantine/store/hold_store.hpp"
#include "actors/quarantine/store/store_sweep.hpp"
#include "actors/quarantine/store/work_crew.hpp"
#include "config/random.hpp"

namespace ie {

// What is pointed to outlives the queue.
struct hold_rules {
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    // Whose a recipient here is; none: root's.
    std::function<account_name(const std::string& address)> account_of;
};

class hold_queue {
  public:
    static constexpr size_t batch_mails_max = 64;
    static constexpr size_t batch_bytes_max = 64 << 20;
    static constexpr size_t recipients_max = 50'000;  // of one mail
    // A larger mail's own file is synced, and the journal doesn't get its bytes: writing them twice
    // would take longer.
    static constexpr size_t journaled_bytes_max = 64 << 10;

    // What it is given outlives it.
    hold_queue(quarantine_database& database, const mail_store& store, hold_journal& journal,
               store_sweep& sweep, hold_rules rules, trouble& troubles);

    void begin(hold_store_events events) { events_ = std::move(events); }
    void accept(const hold_mail& request, const request_context& from, const mail_bytes& mail,
                const owed_answer<mail_held>& answer);
    void commit();
    size_t size() const { return waiting_.size(); }

  private:
    struct waiting_hold {
        owed_answer<mail_held> answer;
        hold_mail request;  // its recipients: those that are new
        stored_record record;
        mail_bytes mail;
        int64_t joins = 0;  // a held mail's row, which gets the recipients; 0: a new mail
        outcome<staged_mail> staged{error{}};
        index_change change{};
        bool is_published = false;
        outcome<nothing> synced = nothing{};  // its own file, where that is needed
        outcome<nothing> result = nothing{};  // of the steps so far
    };
    using batch = std::deque<waiting_hold>;  // they stay where they are
    using chosen_holds = std::vector<waiting_hold*>;

    account_name keeper_of(const hold_mail& hold, uint64_t size_bytes) const;
    outcome<std::optional<mail_id>> store(const hold_mail& request, const mail_bytes& mail,
                                          const owed_answer<mail_held>& answer);
    stored_record new_record(const hold_mail& request, const mail_id& id, size_t size_bytes) const;
    void enqueue(waiting_hold hold);
    outcome<std::vector<mail_row>> family_of(const mail_id& ticket);
    outcome<nothing> check_journal(const std::vector<mail_row>& family,
                                   const mail_id& ticket) const;
    outcome<nothing> keep_files(const std::vector<mail_row>& family, const mail_bytes& mail);
    outcome<nothing> store_again(const mail_row& row, const mail_bytes& mail);
    bool waits(const mail_id& ticket) const;
    void stage(waiting_hold& hold) const;
    void make_room_for(const batch& holds);
    static chosen_holds going_on(batch& holds);
    void make_durable(const chosen_holds& holds);
    void append(const chosen_holds& holds);
    void publish(waiting_hold& hold) const;
    void commit_rows(const chosen_holds& holds);
    void answer(waiting_hold& hold);

    quarantine_database& database_;
    const mail_store& store_;
    hold_journal& journal_;
    store_sweep& sweep_;
    hold_rules rules_;
    trouble& trouble_;
    hold_store_events events_;
    logger log_{"quarantine"};
    batch waiting_;
    size_t waiting_bytes_ = 0;
    random_source random_;
    work_crew crew_;  // ends before what it works on
};

}  // namespace ie
