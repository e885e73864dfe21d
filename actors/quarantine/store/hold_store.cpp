#include "actors/quarantine/store/hold_store.hpp"

#include "actors/quarantine/store/hold_queue.hpp"
#include "actors/quarantine/store/hold_recovery.hpp"
#include "messages/steady_clock.hpp"

namespace ie {

// They refer to each other, and stay where they are.
struct hold_store::parts {
    parts(const hold_store_options& options, mail_store opened, hold_journal opened_journal,
          quarantine_database& database, trouble& troubles)
        : mails(std::move(opened)),
          journal(std::move(opened_journal)),
          trouble_(troubles),
          sweep(database, mails, journal, *options.clock, troubles),
          recovery(database, mails, journal, sweep, troubles),
          queue(database, mails, journal, sweep,
                {options.clock, options.policy, options.account_of}, troubles) {}

    mail_store mails;
    hold_journal journal;
    mail_files files{mails, journal};
    trouble& trouble_;
    store_sweep sweep;
    hold_recovery recovery;
    hold_queue queue;
    bool is_recovery_tried = false;  // of what isn't settled now; then it is a poll's
};

hold_store::hold_store(std::unique_ptr<parts> made) : at_(std::move(made)) {}
hold_store::hold_store(hold_store&&) noexcept = default;
hold_store& hold_store::operator=(hold_store&&) noexcept = default;
hold_store::~hold_store() = default;

outcome<hold_store> hold_store::open(const hold_store_options& options,
                                     quarantine_database& database, trouble& troubles) {
    const std::string folder = options.data_dir + "/quarantine";
    auto mails = mail_store::open(folder, options.fault);
    if (!mails) return mails.failure();
    auto journal = hold_journal::open(options.data_dir + "/quarantine-journal",
                                      {options.data_dir, folder}, options.fault);
    if (!journal) return journal.failure();
    return hold_store(std::make_unique<parts>(options, std::move(*mails), std::move(*journal),
                                              database, troubles));
}

void hold_store::begin(hold_store_events events) {
    at_->queue.begin(std::move(events));
    at_->sweep.begin();
    at_->recovery.run();
    at_->is_recovery_tried = !at_->journal.is_settled();
}

void hold_store::accept(const hold_mail& request, const request_context& from,
                        const mail_bytes& mail, const owed_answer<mail_held>& answer) {
    at_->queue.accept(request, from, mail, answer);
}

// A checkpoint whose failure a hold has met is seen to at once: until then nothing is taken.
void hold_store::finish_holds() {
    at_->queue.commit();
    const bool is_new = !at_->journal.is_settled() && !at_->is_recovery_tried;
    at_->is_recovery_tried = !at_->journal.is_settled();
    if (is_new) at_->recovery.run();
    if (at_->sweep.is_done()) at_->sweep.forget_settled();
}

// Holds on their way are finished first: their files have no row yet.
bool hold_store::sweep() {
    finish_holds();
    at_->sweep.step();
    return !at_->sweep.is_done();
}

void hold_store::tend() {
    // A checkpoint that has just failed is seen to at once.
    const auto tended = at_->journal.tend(steady_now_ms());
    if (!tended) at_->trouble_.failed(tended.failure());
    if (!at_->journal.is_settled() || at_->journal.carried_count() > 0) {
        finish_holds();  // files under way have temporary names, too
        tended ? at_->recovery.run_if_due() : at_->recovery.run();
    }
    if (at_->sweep.has_leftovers() && at_->journal.is_settled()) {
        finish_holds();  // a staged file may be its own
        at_->sweep.remove_leftovers();
    }
}

outcome<nothing> hold_store::ready() const {
    return at_->sweep.ready();
}

outcome<nothing> hold_store::take_in(const mail_id& id) {
    return at_->sweep.take_in(id);
}

bool hold_store::is_carried(const mail_id& id) const {
    return at_->journal.is_carried(id);
}

const mail_files& hold_store::files() const {
    return at_->files;
}

const mail_store& hold_store::mails() const {
    return at_->mails;
}

size_t hold_store::holds_waiting() const {
    return at_->queue.size();
}

outcome<nothing> hold_store::health() const {
    if (auto ready = at_->sweep.ready(); !ready) return ready;
    if (auto ready = at_->journal.ready(); !ready) return ready;
    if (at_->journal.carried_count() == 0) return nothing{};
    return fail(error_code::storage_failed,
                std::to_string(at_->journal.carried_count()) +
                    " held mails can't be written back from the journal");
}

}  // namespace ie
