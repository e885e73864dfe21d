// Takes mail in: file first, then commit, then the answer. Mails that wait together share their
// fsyncs and one commit. Private to this folder.
#pragma once

#include "actors/quarantine/space_keeper.hpp"
#include "actors/quarantine/store_sweep.hpp"
#include "config/random.hpp"

namespace ie {

class hold_queue {
  public:
    static constexpr size_t batch_mails_max = 64;
    static constexpr size_t batch_bytes_max = 64 << 20;
    static constexpr size_t recipients_max = 50'000;  // of one mail

    hold_queue(quarantine_context& context, space_keeper& space, store_sweep& sweep)
        : context_(context), space_(space), sweep_(sweep) {}

    caf::result<mail_held> on_hold_mail(const hold_mail& request, const request_context& from,
                                        const mail_bytes& mail);
    void commit();
    size_t size() const { return waiting_.size(); }

  private:
    struct waiting_hold {
        caf::typed_response_promise<mail_held> promise;
        staged_mail staged;
        index_change change;
        mail_id ticket;
        hold_mail request;
        uint64_t size_bytes = 0;
        bool is_new = true;  // otherwise recipients join a mail that is held already
    };

    caf::result<mail_held> store(const hold_mail& request, const mail_bytes& mail);
    outcome<waiting_hold> stage_new(const hold_mail& request, const mail_id& id,
                                    const mail_bytes& mail);
    outcome<waiting_hold> stage_more(const hold_mail& request, const mail_row& row);
    caf::result<mail_held> enqueue(waiting_hold hold);
    outcome<std::vector<mail_row>> family_of(const mail_id& ticket);
    outcome<nothing> keep_files(const std::vector<mail_row>& family, const mail_bytes& mail);
    outcome<nothing> store_again(const mail_row& row, const mail_bytes& mail);
    bool waits(const mail_id& ticket) const;
    outcome<nothing> commit_changes(const std::vector<index_change>& changes);
    void answer(waiting_hold& hold, const outcome<nothing>& result);

    quarantine_context& context_;
    space_keeper& space_;
    store_sweep& sweep_;
    std::vector<waiting_hold> waiting_;
    size_t waiting_bytes_ = 0;
    random_source random_;
};

}  // namespace ie
