#include "gateway/exim_hook/lmtp_conversation.hpp"

#include "config/log.hpp"

namespace ie {

lmtp_conversation::lmtp_conversation(connection_id self, hook_shared& shared)
    : self_(self),
      shared_(shared),
      session_({.mail_bytes_max = shared.settings.gateway.mail_bytes_max}, log_trouble()) {}

void lmtp_conversation::on_bytes(std::string_view bytes) {
    session_.receive(bytes);
    hand_in();
}

void lmtp_conversation::on_answer(const outcome<parcel>& reply) {
    if (!session_.waiting()) return;
    const auto held = reply ? open_parcel<mail_held>(*reply) : outcome<mail_held>(reply.failure());
    settle(held ? outcome<nothing>(nothing{}) : outcome<nothing>(held.failure()));
    hand_in();
}

void lmtp_conversation::on_drain() {
    draining_ = true;
    session_.close_idle();
}

// Gives the engine the mail that has come in. A client may have sent several ahead: those that
// can't be handed in are settled one after another.
void lmtp_conversation::hand_in() {
    while (auto mail = session_.take_mail()) {
        under_way_ = std::move(mail->envelope);
        if (mail->lost) {
            settle(*mail->lost);
            continue;
        }
        const hold_mail request{under_way_.ticket, under_way_.queue_id, std::move(mail->recipients),
                                under_way_.forwarded_by};
        const auto asked = shared_.desk.ask(self_, request, shared_.settings.hook.hold_timeout_ms,
                                            mail_bytes(std::move(mail->bytes)));
        if (asked) break;
        settle(asked.failure());
    }
    if (const auto complaint = session_.take_complaint()) {
        shared_.log.warn(event::request_refused, kv("socket", "lmtp"),
                         kv("reason", complaint->code), kv("what", complaint->what));
    }
    if (draining_) session_.close_idle();
}

void lmtp_conversation::settle(const outcome<nothing>& held) {
    if (!held) {
        shared_.log.warn(event::hold_failed, under_way_.queue_id,
                         kv("email_id", under_way_.ticket.id), kv("reason", held.failure().code),
                         kv("what", held.failure().what));
    }
    session_.settle(held);
}

}  // namespace ie
