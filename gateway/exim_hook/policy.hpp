// What Exim is told: the engine's verdict, or what the administrator wants for mail that can't be
// judged (hook.fail_open). Pure.
//
// The reply to `judge` is four lines: accept|hold|defer|refuse, then all|remote|scanned|-, then the
// ticket or -, then the text for the SMTP reply, of an accepted mail the score for its headers, or
// -.
//
// For incoming mail it is six: accept|junk|defer, whom it isn't filtered for or -, the ticket or -
// (of spam that is forwarded), the text or -, who is whitelisted or -, the score or - where it
// wasn't judged. Recipients are a list as Exim has them, each as recipient_word() has it.
//
// The reply to `confirm` is one: deliver, duplicate or later.
#pragma once

#include "config/configuration.hpp"
#include "gateway/exim_hook/judge_request.hpp"
#include "messages/release.hpp"

namespace ie {

inline constexpr size_t reply_text_bytes_max = 200;

struct judge_reply {
    verdict_action action = verdict_action::accept;
    std::string scope = "-";
    std::string ticket = "-";
    std::string text = "-";
    // Of incoming mail.
    std::string unfiltered = "-";
    std::string whitelisted = "-";
    std::string score = "-";
};

std::string to_lines(const judge_reply& reply, mail_direction direction = mail_direction::outgoing);

// ${base64:${lc:$original_local_part@$original_domain}} of a recipient, as Exim will expand it:
// a quoted local part without its quotes.
std::string recipient_word(std::string_view address);

// A hold whose ticket can't be carried is a refusal that says so; incoming spam goes to Junk
// folders without one, and what is forwarded of it passes.
judge_reply reply_of(const mail_verdict& verdict, const queue_id& id,
                     mail_direction direction = mail_direction::outgoing);

// For mail that the content scanner beside us hands back: it was judged when it came, and isn't
// again.
judge_reply scanned_reply();

// For mail without a verdict. `defer` is for mail that another server or a mail client offers over
// the network and can offer again: Exim turns a temporary rejection of a local submission into a
// bounce, and a bounce (null sender) has nowhere to go back to.
judge_reply unjudged_reply(fail_policy policy, const judge_request& request);

// Only the engine's own word lets a released mail go out or be dropped as a duplicate.
std::string_view confirm_reply(const outcome<release_confirmed>& answer);

// One line of printable ASCII of at most reply_text_bytes_max; `-` where nothing is left.
std::string reply_text(std::string_view text);

}  // namespace ie
