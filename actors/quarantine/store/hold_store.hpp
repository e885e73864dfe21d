// The store of held mail, as the rest of the quarantine sees it: takes mail in, durably, finds
// again after a crash what it had taken, and looks after files and journal. What it acknowledged is
// on the disk. Owns quarantine/ and the journal; of quarantine.db, which its caller owns, it writes
// the rows of what it takes in. One thread at a time.
#pragma once

#include <functional>
#include <memory>

#include "actors/journal/fault_point.hpp"
#include "actors/owed_answer.hpp"
#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/store/mail_files.hpp"
#include "actors/quarantine/trouble.hpp"
#include "config/clock.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

// What is pointed to outlives the store.
struct hold_store_options {
    std::string data_dir;
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    // Whose a recipient here is; none: root's.
    std::function<account_name(const std::string& address)> account_of;
    fault_point fault;
};

struct hold_store_events {
    // The first of a batch waits: finish_holds() is due once what came with it is accepted.
    std::function<void()> hold_waits;
    // The account has got mail.
    std::function<void(const account_name&)> held;
};

class hold_store {
  public:
    // Fails: storage_failed, conflict (another version's journal). Database and trouble outlive it.
    static outcome<hold_store> open(const hold_store_options& options,
                                    quarantine_database& database, trouble& troubles);
    hold_store(hold_store&&) noexcept;
    hold_store& operator=(hold_store&&) noexcept;
    ~hold_store();

    // Writes back what an earlier engine's journal has. What can't be written stays in it.
    void begin(hold_store_events events);

    // The answer comes after fsync and commit. It fails: storage_failed, bad_request,
    // deadline_exceeded.
    void accept(const hold_mail& request, const request_context& from, const mail_bytes& mail,
                const owed_answer<mail_held>& answer);
    // Answers all that were accepted. Due, too, before rows are relied on: a mail that waits may
    // join one.
    void finish_holds();

    // A step of comparing files and rows, after a start; false: all is done.
    bool sweep();
    // The journal's care, what couldn't be written back or removed, and old rows. Call it at each
    // poll.
    void tend();

    // Fails while the database is made anew: unavailable, with how far it is.
    outcome<nothing> ready() const;
    // A mail that may have a file and no row gets it. Fails: storage_failed.
    outcome<nothing> take_in(const mail_id& id);
    // The journal has yet to write it back.
    bool is_carried(const mail_id& id) const;

    const mail_files& files() const;
    // For who only reads, on another thread: a copy of it.
    const mail_store& mails() const;

    size_t holds_waiting() const;
    // Why mail can't be held, or isn't safe. Fails: unavailable, storage_failed.
    outcome<nothing> health() const;

  private:
    struct parts;

    explicit hold_store(std::unique_ptr<parts> made);

    std::unique_ptr<parts> at_;
};

}  // namespace ie
