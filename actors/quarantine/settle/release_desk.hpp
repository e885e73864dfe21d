// Releases held mail: hands it to the courier, and answers Exim's question which copy counts. The
// intent is committed before the courier hears of a mail, the outcome after; intents without an
// outcome are taken up again at start. Private to this folder.
#pragma once

#include <deque>
#include <map>

#include "actors/owed_answer.hpp"
#include "actors/quarantine/settle/departures.hpp"
#include "actors/quarantine/settle/mail_chooser.hpp"
#include "actors/quarantine/settle/trail_outbox.hpp"
#include "config/mail_policy.hpp"
#include "config/snapshot.hpp"

namespace ie {

// What is pointed to outlives the desk.
struct release_options {
    const ie::clock* clock = nullptr;
    const snapshot<mail_policy>* policy = nullptr;
    courier_actor courier;
    uint32_t deliveries_in_flight_max = 0;  // handed to the courier at a time
    uint32_t delivery_timeout_ms = 0;       // for one
};

class release_desk {
  public:
    // What it is given outlives it.
    release_desk(quarantine_internal::pointer self, quarantine_database& database,
                 const mail_files& files, const mail_chooser& chooser, const departures& departing,
                 trail_outbox& trail, release_options options, trouble& troubles)
        : self_(self),
          database_(database),
          mails_(database),
          files_(files),
          chooser_(chooser),
          departures_(departing),
          trail_(trail),
          options_(std::move(options)),
          trouble_(troubles) {}

    // Takes up what an earlier engine began.
    void begin();

    // `remaining` as mail_chooser has it.
    caf::result<mails_settled> on_release_mails(const release_mails& request,
                                                const request_context& from,
                                                std::optional<uint64_t> remaining = {});
    caf::result<release_confirmed> on_confirm_release(const confirm_release& request);
    void on_deadline(uint64_t ticket);
    // Takes up again those whose outcome couldn't be committed.
    void retry();

    size_t size() const { return waiting_.size() + in_flight_ + unsettled_.size(); }

    static constexpr std::chrono::seconds retry_interval{5};

  private:
    // One release_mails that isn't answered yet.
    struct open_request {
        owed_answer<mails_settled> answer;
        mails_settled reply;
        std::vector<mail_id> open;
    };
    struct delivery {
        mail_id id;
        uint64_t request = 0;  // key of requests_, while that waits; 0: taken up at start
    };

    caf::result<mails_settled> wait_for(open_request request, int64_t wait_ms);
    void deliver_next();
    void deliver(const delivery& job);
    void on_answer(const delivery& job, const outcome<mail_delivered>& answer);
    void settle(const delivery& job, const outcome<mail_delivered>& answer);
    outcome<nothing> commit_outcome(const mail_row& row, const release_record& next,
                                    const std::optional<release_order>& order);
    void report(const mail_row& row, const release_record& next, bool taken_up,
                const std::optional<release_order>& order, const outcome<mail_delivered>& answer);
    void finish(const delivery& job, const outcome<nothing>& result);
    void settle_later(delivery job, const error& why);

    quarantine_internal::pointer self_;
    quarantine_database& database_;
    held_mails mails_;
    const mail_files& files_;
    const mail_chooser& chooser_;
    const departures& departures_;
    trail_outbox& trail_;
    release_options options_;
    trouble& trouble_;
    logger log_{"quarantine"};
    std::deque<delivery> waiting_;
    std::vector<delivery> unsettled_;  // their outcome couldn't be committed
    size_t in_flight_ = 0;
    std::map<uint64_t, open_request> requests_;
    uint64_t last_request_ = 0;
};

}  // namespace ie
