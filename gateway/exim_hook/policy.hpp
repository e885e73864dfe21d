// What Exim is told: the engine's verdict, or what the administrator wants for mail that can't be
// judged (hook.fail_open). Pure.
//
// The reply to `judge` is four lines: accept|hold|defer|refuse, then all|remote|-, then the ticket
// or -, then the text for the SMTP reply or -. The reply to `confirm` is one: deliver, duplicate
// or later.
#pragma once

#include "config/settings_file.hpp"
#include "gateway/exim_hook/judge_request.hpp"
#include "messages/release.hpp"

namespace ie {

inline constexpr size_t reply_text_bytes_max = 200;

struct judge_reply {
    verdict_action action = verdict_action::accept;
    std::string scope = "-";
    std::string ticket = "-";
    std::string text = "-";
};

std::string to_lines(const judge_reply& reply);

// A hold whose ticket can't be carried is a refusal that says so.
judge_reply reply_of(const mail_verdict& verdict, const queue_id& id);

// For mail without a verdict. `defer` is for mail that another server or a mail client offers over
// the network and can offer again: Exim turns a temporary rejection of a local submission into a
// bounce, and a bounce (null sender) has nowhere to go back to.
judge_reply unjudged_reply(fail_policy policy, const judge_request& request);

// Only the engine's own word lets a released mail go out or be dropped as a duplicate.
std::string_view confirm_reply(const outcome<release_confirmed>& answer);

// One line of printable ASCII of at most reply_text_bytes_max; `-` where nothing is left.
std::string reply_text(std::string_view text);

}  // namespace ie
