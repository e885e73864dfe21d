#include "gateway/exim_hook/judge_conversation.hpp"

#include "gateway/exim_hook/incoming_headers.hpp"
#include "gateway/exim_hook/recipient_list.hpp"
#include "gateway/exim_hook/spool_file.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

constexpr size_t exim_headers_bytes_max = 64 << 10;    // what Exim gives an expansion of them
constexpr size_t small_request_bytes_max = 256 << 10;  // taken in whatever else there is

// Nobody's where Exim knows better, or it doesn't matter.
client_owner client_of(const judge_request& request) {
    if (!request.authenticated_id.empty()) return {};
    if (request.direction == mail_direction::incoming) return {};
    return owner_of_client(
        {request.client_address, request.client_port, request.server_address, request.server_port});
}

}  // namespace

void judge_conversation::on_bytes(std::string_view bytes) {
    if (state_ != state::reading) return;
    auto done = reader_.receive(bytes);
    if (!done) return;
    reader_ = {};
    if (!*done) return refuse(done->failure());
    request_ = std::move(**done);
    std::visit([&](auto& request) { begin(request); }, request_);
}

void judge_conversation::on_end() {
    if (state_ != state::reading) return;
    if (reader_.empty()) return finish({});  // someone looked whether we are there
    refuse(fail(error_code::bad_request, "the request ended before its END"));
}

void judge_conversation::on_answer(const outcome<parcel>& reply) {
    if (state_ != state::waiting) return;
    std::visit([&](const auto& request) { answer(request, reply); }, request_);
}

void judge_conversation::on_drain() {
    if (state_ == state::reading && reader_.empty()) finish({});
}

void judge_conversation::on_no_memory() {
    if (state_ != state::reading || memory_bytes() <= small_request_bytes_max) return;
    refuse(fail(error_code::busy, "no memory for the request"));
}

void judge_conversation::begin(judge_request& request) {
    const client_owner client = client_of(request);
    if (client.end == client_end::gone) return defer_nobodys(request);
    if (client.end == client_end::here && client.uid == shared_.scanner_uid) {
        shared_.log.debug(event::mail_judged, request.id, kv("action", "scanned"));
        return finish(to_lines(scanned_reply()));
    }
    const auto asked = ask_verdict(request, client);
    request.headers = {};
    request.added_headers = {};
    request.recipients = {};
    if (!asked) return apply_policy(request, asked.failure());
    state_ = state::waiting;
}

outcome<nothing> judge_conversation::ask_verdict(judge_request& request,
                                                 const client_owner& client) {
    const auto& settings = shared_.settings;
    if (!shared_.desk.reachable()) return fail(error_code::unavailable, "no engine");
    if (shared_.desk.full()) return fail(error_code::busy, "too many bytes of mail are under way");
    const bool headers_cut = request.headers.size() >= exim_headers_bytes_max;
    if (request.direction == mail_direction::incoming) {
        request.headers = incoming_headers(request.headers, request.added_headers);
    }
    auto mail = read_spooled_mail(settings.hook.spool_dir, request.id, request.headers,
                                  settings.gateway.mail_bytes_max);
    if (!mail) return mail.failure();
    auto recipients = split_recipients(request.recipients);
    if (recipients.cut) {
        shared_.log.warn(event::request_refused, request.id,
                         kv("what", "more recipients than a request holds; judged by the first"),
                         kv("recipients", recipients.addresses.size()));
    }
    judge_mail question;
    question.queue_id = request.id;
    question.protocol = request.protocol;
    question.originator_uid = request.originator_uid;
    question.authenticated_id = request.authenticated_id;
    question.client_address = request.client_address;
    question.client_port = request.client_port;
    if (client.end == client_end::here) question.client_uid = client.uid;
    question.helo = request.helo;
    question.sender = request.sender;
    question.recipients = std::move(recipients.addresses);
    question.headers_cut = headers_cut;
    question.direction = request.direction;
    question.client_name = request.client_name;
    return shared_.desk.ask(self_, question, settings.hook.judge_timeout_ms,
                            mail_bytes(std::move(*mail)));
}

void judge_conversation::answer(const judge_request& request, const outcome<parcel>& reply) {
    const auto verdict =
        reply ? open_parcel<mail_verdict>(*reply) : outcome<mail_verdict>(reply.failure());
    if (!verdict) return apply_policy(request, verdict.failure());
    const auto answered = reply_of(*verdict, request.id, request.direction);
    shared_.log.debug(event::mail_judged, request.id, kv("action", answered.action));
    finish(to_lines(answered, request.direction));
}

void judge_conversation::apply_policy(const judge_request& request, const error& failure) {
    reply_unjudged(request, shared_.settings.hook.fail_open, name_of(failure.code), failure.what);
}

// A client of this machine that hung up before its answer may not thereby be nobody's.
void judge_conversation::defer_nobodys(const judge_request& request) {
    reply_unjudged(request, fail_policy::defer, "client_gone",
                   "the client has hung up: nobody knows whose mail it is");
}

void judge_conversation::reply_unjudged(const judge_request& request, fail_policy policy,
                                        std::string_view reason, std::string_view what) {
    const auto reply = unjudged_reply(policy, request);
    shared_.log.warn(event::policy_applied, request.id, kv("action", reply.action),
                     kv("reason", reason), kv("what", what), kv("sender", request.sender),
                     kv("client", request.client_address));
    finish(to_lines(reply, request.direction));
}

void judge_conversation::begin(const confirm_request& request) {
    if (shared_.confirmed.contains(request.release, request.id, steady_now_ms())) {
        return finish(confirm_reply(release_confirmed{true}));
    }
    const auto asked = shared_.desk.ask(self_, confirm_release{request.release, request.id},
                                        shared_.settings.hook.judge_timeout_ms);
    if (!asked) return answer(request, outcome<parcel>(asked.failure()));
    state_ = state::waiting;
}

void judge_conversation::answer(const confirm_request& request, const outcome<parcel>& reply) {
    const auto answer = reply ? open_parcel<release_confirmed>(*reply)
                              : outcome<release_confirmed>(reply.failure());
    if (answer && answer->deliver) {
        shared_.confirmed.remember(request.release, request.id, steady_now_ms());
    } else if (!answer) {
        shared_.log.warn(event::policy_applied, request.id, kv("action", "later"),
                         kv("email_id", request.release), kv("reason", answer.failure().code),
                         kv("what", answer.failure().what));
    }
    finish(confirm_reply(answer));
}

void judge_conversation::refuse(const error& failure) {
    shared_.log.warn(event::request_refused, kv("socket", "judge"), kv("reason", failure.code),
                     kv("what", failure.what));
    finish({});
}

void judge_conversation::finish(std::string_view lines) {
    output_.append(lines);
    state_ = state::finished;
}

}  // namespace ie
