// Settles held mail: hands it to the courier or removes it, and answers Exim's question which copy
// counts. The intent is committed before the courier hears of a mail, the outcome after; intents
// without an outcome are taken up again at start. Private to this folder.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "actors/owed_answer.hpp"
#include "actors/quarantine/settle/trail_outbox.hpp"

namespace ie {

class release_desk {
  public:
    release_desk(quarantine_context& context, trail_outbox& trail)
        : context_(context), trail_(trail) {}

    // Takes up what an earlier engine began.
    void begin();

    // By ids. `remaining`: they are what the request's filter has found, and it has that many more.
    caf::result<mails_settled> on_release_mails(const release_mails& request,
                                                const request_context& from,
                                                std::optional<uint64_t> remaining = {});
    caf::result<mails_settled> on_remove_mails(const remove_mails& request,
                                               const request_context& from,
                                               std::optional<uint64_t> remaining = {});
    caf::result<account_purged> on_purge_account(const purge_account& request,
                                                 const request_context& from);
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
    struct chosen_mails {
        std::vector<mail_row> rows;
        mails_settled reply;  // with those that can't be chosen
    };

    // What else is committed with a mail's new state.
    using more_changes = std::function<void(const mail_row&, std::vector<index_change>&)>;

    template <class Request>
    outcome<chosen_mails> choose(const Request& request, const request_context& from,
                                 std::optional<uint64_t> remaining);
    void choose_by_id(chosen_mails& chosen, const std::vector<mail_id>& ids,
                      const mail_scope& scope, const caller& who, std::string_view request);
    outcome<nothing> choose_found(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                  const mail_scope& scope);
    std::vector<mail_row> commit_all(chosen_mails& chosen,
                                     outcome<release_record> (*rule)(const release_record&),
                                     const more_changes& more);
    outcome<nothing> keep_allowance(chosen_mails& chosen, const caller& who);
    void teach(const mail_row& row, const caller& who, bool spam);
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
    void remove_file(const mail_row& row);
    void settle_later(delivery job, const error& why);

    quarantine_context& context_;
    trail_outbox& trail_;
    std::deque<delivery> waiting_;
    std::vector<delivery> unsettled_;  // their outcome couldn't be committed
    size_t in_flight_ = 0;
    std::map<uint64_t, open_request> requests_;
    uint64_t last_request_ = 0;
};

}  // namespace ie
