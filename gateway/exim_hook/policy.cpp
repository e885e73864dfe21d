#include "gateway/exim_hook/policy.hpp"

#include "gateway/exim_hook/ticket.hpp"

namespace ie {

std::string to_lines(const judge_reply& reply) {
    std::string lines(name_of(reply.action));
    lines.append("\n").append(reply.scope);
    lines.append("\n").append(reply.ticket);
    return lines.append("\n").append(reply.text).append("\n");
}

judge_reply reply_of(const mail_verdict& verdict, const queue_id& id) {
    judge_reply reply;
    reply.action = verdict.action;
    if (verdict.action != verdict_action::accept) reply.text = reply_text(verdict.text);
    if (verdict.action != verdict_action::hold) return reply;
    auto ticket = ticket_text({verdict.ticket, id});
    if (!ticket) {
        reply.action = verdict_action::refuse;
        reply.text = "The sender address is too long";
        return reply;
    }
    reply.scope = name_of(verdict.scope);
    reply.ticket = std::move(*ticket);
    return reply;
}

judge_reply unjudged_reply(fail_policy policy, const judge_request& request) {
    judge_reply reply;
    const bool may_defer = !request.client_address.empty() && !request.sender.empty();
    if (policy == fail_policy::defer && may_defer) {
        reply.action = verdict_action::defer;
        reply.text = "The message can't be taken at the moment, please try again later";
    }
    return reply;
}

std::string_view confirm_reply(const outcome<release_confirmed>& answer) {
    if (!answer) return "later\n";
    return answer->deliver ? "deliver\n" : "duplicate\n";
}

std::string reply_text(std::string_view text) {
    std::string line;
    for (const char c : text.substr(0, reply_text_bytes_max)) {
        line += c >= ' ' && c <= '~' ? c : '?';
    }
    while (line.ends_with(' ')) line.pop_back();
    return line.empty() ? "-" : line;
}

}  // namespace ie
