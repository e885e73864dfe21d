#include "gateway/exim_hook/policy.hpp"

#include <algorithm>
#include <cstdio>

#include "config/domain_name.hpp"
#include "gateway/exim_hook/ticket.hpp"
#include "messages/base64.hpp"
#include "messages/text.hpp"

namespace ie {

namespace {

std::string word_list(const std::vector<std::string>& recipients) {
    std::string list;
    for (const auto& each : recipients) {
        list.append(list.empty() ? "" : ":").append(recipient_word(each));
    }
    return list.empty() ? "-" : list;
}

// Exim's ACL takes an answer with a longer number for none.
constexpr double score_max = 1e6;

std::string score_text(double score) {
    char text[64];
    std::snprintf(text, sizeof text, "%.2f", std::clamp(score, -score_max, score_max));
    return text;
}

judge_reply reply_to_incoming(const mail_verdict& verdict, const queue_id& id) {
    judge_reply reply;
    reply.action = verdict.action;
    reply.unfiltered = word_list(verdict.unfiltered);
    reply.whitelisted = word_list(verdict.whitelisted);
    if (verdict.is_judged) reply.score = score_text(verdict.ticket.score);
    if (verdict.action != verdict_action::junk) return reply;
    if (auto ticket = ticket_text({verdict.ticket, id})) reply.ticket = std::move(*ticket);
    return reply;
}

}  // namespace

std::string to_lines(const judge_reply& reply, mail_direction direction) {
    const bool incoming = direction == mail_direction::incoming;
    std::string lines(name_of(reply.action));
    lines.append("\n").append(incoming ? reply.unfiltered : reply.scope);
    lines.append("\n").append(reply.ticket);
    lines.append("\n").append(reply.text).append("\n");
    if (incoming) lines.append(reply.whitelisted).append("\n").append(reply.score).append("\n");
    return lines;
}

std::string recipient_word(std::string_view address) {
    const size_t at = address.rfind('@');
    const std::string_view domain = at == address.npos ? "" : address.substr(at);
    return base64(to_lower(unquoted_local_part(address.substr(0, at)) + std::string(domain)));
}

judge_reply reply_of(const mail_verdict& verdict, const queue_id& id, mail_direction direction) {
    if (direction == mail_direction::incoming) return reply_to_incoming(verdict, id);
    judge_reply reply;
    reply.action = verdict.action;
    if (verdict.action != verdict_action::accept)
        reply.text = reply_text(verdict.text);
    else if (verdict.is_judged)
        reply.text = score_text(verdict.ticket.score);
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

judge_reply scanned_reply() {
    judge_reply reply;
    reply.scope = "scanned";
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
