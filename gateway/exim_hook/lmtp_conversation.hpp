// One connection of Exim's LMTP transport: each mail it hands over goes to the engine, and its
// recipients are told 250 only after the engine has said mail_held. Keeps nothing: on a crash Exim
// sees the connection end and tries again, and the engine knows the ticket.
#pragma once

#include "gateway/exim_hook/conversation.hpp"
#include "gateway/exim_hook/lmtp_session.hpp"

namespace ie {

class lmtp_conversation : public conversation {
  public:
    lmtp_conversation(connection_id self, hook_shared& shared);

    void on_bytes(std::string_view bytes) override;
    void on_end() override {}
    void on_answer(const outcome<parcel>& reply) override;
    void on_drain() override;
    void on_no_memory() override { session_.discard_mail(); }

    std::string take_output() override { return session_.take_output(); }
    bool waiting() const override { return session_.waiting(); }
    bool finished() const override { return session_.finished(); }
    size_t memory_bytes() const override { return session_.memory_bytes(); }

  private:
    void hand_in();
    void settle(const outcome<nothing>& held);

    connection_id self_;
    hook_shared& shared_;
    lmtp_session session_;
    ticket_envelope under_way_;  // of the mail that the engine has
    bool draining_ = false;
};

}  // namespace ie
