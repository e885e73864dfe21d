#include "gateway/zmq/request_desk.hpp"

#include <algorithm>

#include "gateway/client/frame_io.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t name_size_max = 64;            // of an unknown request, in an error
constexpr uint64_t request_cost_bytes = 1'024;  // what each takes beside its frames

std::string shown(std::string_view name) {
    return printable(name.substr(0, name_size_max));
}

// As much of a head as can be read, so that a refusal can say which request it is for.
wire_head readable_part(std::string_view frame) {
    constexpr size_t head_bytes_max = 256;
    auto head = decode<wire_head>(frame, head_bytes_max);
    return head ? std::move(*head) : wire_head{};
}

std::string caller_name(const arrival& in) {
    return in.who.key_name.empty() ? "uid " + std::to_string(in.who.uid) : "key " + in.who.key_name;
}

}  // namespace

request_desk::request_desk(const configuration::gateway_part& bounds, actor_bridge& bridge,
                           reply_sink sink)
    : bounds_(bounds),
      bridge_(bridge),
      sink_(std::move(sink)),
      trail_(bridge),
      mails_(std::make_shared<credit_pool>(bounds.mails_in_flight_max)),
      controls_(std::make_shared<credit_pool>(controls_max)),
      controls_of_exim_(std::make_shared<credit_pool>(controls_of_exim_max)),
      controls_of_others_(std::make_shared<credit_pool>(controls_of_others_max)),
      bytes_(std::make_shared<credit_pool>(bounds.bytes_in_flight_max)),
      bytes_of_others_(std::make_shared<credit_pool>(bytes_of_others_max)) {}

void request_desk::take(arrival in, const service& now) {
    if (in.frames.empty()) {
        refuse(in, 0, {}, fail(error_code::bad_request, "a request without a head"));
        return;
    }
    const std::string_view head_frame = view_of(in.frames[0]);
    const auto head = decode_head(head_frame);
    if (!head) {
        const wire_head part = readable_part(head_frame);
        refuse(in, part.request_id, part.name, head.failure());
        return;
    }
    if (log_enabled(log_level::debug)) {
        log_.debug(event::request_received, kv("request", head->name), kv("role", in.who.role),
                   kv("uid", in.who.uid), kv("key", in.who.key_name),
                   kv("deadline_ms", head->deadline_ms));
    }
    const auto sent = send_on(in, *head, now);
    if (sent) return;
    if (sent.failure().code == error_code::not_permitted) {
        put_on_record(now.handles, in.who, head->name, sent.failure().what);
    }
    refuse(in, head->request_id, head->name, sent.failure());
}

// Who asks for what he may not have is remembered in the audit trail, whoever refused him.
void request_desk::put_on_record(const gateway_handles& handles, const caller& who,
                                 std::string_view request, const std::string& why) {
    trail_.add(handles.settings, {who, std::string(request), why}, steady_now_ms());
}

bool request_desk::sums_are_due() const {
    return trail_.timeout_ms(steady_now_ms()) == 0;
}

void request_desk::send_sums(const gateway_handles& handles, bool stopping) {
    trail_.send_sums(handles.settings, steady_now_ms(), stopping);
}

outcome<request_desk::checked> request_desk::check(const arrival& in, const wire_head& head,
                                                   const service& now) const {
    const route* to = find_route(head.name);
    if (to == nullptr) {
        return fail(error_code::unknown_request, "there is no request " + shown(head.name));
    }
    if (in.why_unknown) return *in.why_unknown;
    if (!may(*to, in.who)) {
        return fail(
            error_code::not_permitted,
            caller_name(in) + " (" + std::string(name_of(in.who.role)) + ") may not " + head.name);
    }
    const bool has_bytes = in.frames.size() == request_frames_max;
    if (in.too_many_frames || in.frames.size() < 2 || (has_bytes && !to->carries_mail)) {
        return fail(error_code::bad_request, head.name + ": takes head, body" +
                                                 (to->carries_mail ? " and mail" : "") +
                                                 " as frames");
    }
    if (has_bytes && in.frames[2].size() > bounds_.mail_bytes_max) {
        return fail(error_code::too_large, head.name + ": a mail of " +
                                               std::to_string(in.frames[2].size()) +
                                               " bytes, gateway.mail_bytes_max is " +
                                               std::to_string(bounds_.mail_bytes_max));
    }
    if (head.deadline_ms == 0) {
        return fail(error_code::deadline_exceeded, head.name + ": its deadline was over already");
    }
    if (now.draining) return fail(error_code::unavailable, "the engine is stopping");
    return checked{to, steady_now_ms() + std::min(head.deadline_ms, deadline_ms_max)};
}

outcome<nothing> request_desk::take_credit(const arrival& in, const route& to, pending& slot,
                                           mail_bytes& bytes) {
    const auto busy = [&](const char* what, uint64_t limit) {
        return fail(error_code::busy, std::string(to.name) + ": " + std::to_string(limit) + " " +
                                          what + " are in flight");
    };
    // What others have in flight is never in the way of root or Exim, nor Exim's in root's.
    const bool is_others =
        in.who.role == caller_role::account || in.who.role == caller_role::stranger;
    const auto& controls = is_others                          ? controls_of_others_
                           : in.who.role == caller_role::exim ? controls_of_exim_
                                                              : controls_;
    credit_pool& places = *(to.carries_mail ? mails_ : controls);
    auto place = places.take(1);
    if (!place) return busy(to.carries_mail ? "mails" : "requests", places.limit());
    const auto own = of_account_.find(in.who.uid);
    slot.counts_for_account = !to.carries_mail && in.who.role == caller_role::account;
    if (slot.counts_for_account && own != of_account_.end() &&
        own->second >= controls_of_account_max) {
        return busy("requests of this account", controls_of_account_max);
    }
    credit_pool& pool = *(is_others ? bytes_of_others_ : bytes_);
    auto amount = pool.take(request_cost_bytes + in.frames[1].size() + bytes.size());
    if (!amount) return busy("bytes", pool.limit());
    slot.slot = std::move(*place);
    if (bytes.empty()) {
        slot.bytes = std::move(*amount);
    } else {
        bytes = counted(std::move(bytes), std::move(*amount));
    }
    return nothing{};
}

outcome<nothing> request_desk::send_on(arrival& in, const wire_head& head, const service& now) {
    const auto good = check(in, head, now);
    if (!good) return good.failure();
    const uint64_t ticket = make_ticket(++sequence_, *good->to);
    mail_bytes bytes;
    if (in.frames.size() == request_frames_max) bytes = bytes_of(std::move(in.frames[2]));
    pending entry;
    if (auto credit = take_credit(in, *good->to, entry, bytes); !credit) return credit;
    route_request request;
    request.body = view_of(in.frames[1]);
    request.context = {in.who, good->deadline_at_ms};
    request.bytes = std::move(bytes);
    request.ticket = ticket;
    auto sent = good->to->send(bridge_, now.handles, std::move(request));
    if (!sent) return sent;
    entry.from = std::move(in.from);
    entry.to = good->to;
    entry.request_id = head.request_id;
    entry.due_at_ms = good->deadline_at_ms;
    entry.who = std::move(in.who);
    keep(ticket, std::move(entry));
    return sent;
}

void request_desk::refuse(arrival& in, uint64_t request_id, const std::string& name,
                          const error& why) {
    refusals_.note({shown(name), in.who}, why, steady_now_ms());
    send_error(in.from, request_id, why);
}

void request_desk::send_error(return_address& to, uint64_t request_id, const error& why) {
    const auto sent = sink_(to, request_id, encode_reply(why));
    if (!sent) log_.debug(event::reply_dropped, kv("reason", sent.failure().what));
}

void request_desk::keep(uint64_t ticket, pending entry) {
    ++in_flight_;
    by_due_.emplace(entry.due_at_ms, ticket);
    if (entry.counts_for_account) ++of_account_[entry.who.uid];
    pending_.emplace(ticket, std::move(entry));
}

void request_desk::forget(uint64_t ticket) {
    const auto found = pending_.find(ticket);
    pending& entry = found->second;
    by_due_.erase({entry.due_at_ms, ticket});
    if (entry.counts_for_account) {
        const auto own = of_account_.find(entry.who.uid);
        if (--own->second == 0) of_account_.erase(own);
    }
    pending_.erase(found);
}

void request_desk::answer(pending& entry, encoded_reply reply) {
    if (reply.body.size() > reply_body_bytes_max) {
        reply = encode_reply(
            fail(error_code::too_large, std::string(reply.name) + ": an answer of " +
                                            std::to_string(reply.body.size()) + " bytes"));
    }
    entry.answered = true;
    --in_flight_;
    const auto sent = sink_(entry.from, entry.request_id, std::move(reply));
    if (sent) return;
    refusals_.note({std::string(entry.to->name), entry.who}, sent.failure(), steady_now_ms());
    send_error(entry.from, entry.request_id, sent.failure());
}

void request_desk::finish(finished_request done, const gateway_handles& handles) {
    if (trail_.arrived(done.ticket)) return;
    const auto found = pending_.find(done.ticket);
    if (found == pending_.end()) return;  // so late that it has been given up
    if (!done.reply.not_permitted.empty()) {
        put_on_record(handles, found->second.who, found->second.to->name, done.reply.not_permitted);
    }
    if (!found->second.answered) answer(found->second, std::move(done.reply));
    forget(done.ticket);
}

void request_desk::expire() {
    const int64_t now = steady_now_ms();
    while (!by_due_.empty() && by_due_.begin()->first <= now) {
        const uint64_t ticket = by_due_.begin()->second;
        pending& entry = pending_.find(ticket)->second;
        if (entry.answered) {
            forget(ticket);
            continue;
        }
        time_out(entry);
        by_due_.erase(by_due_.begin());
        entry.due_at_ms = now + abandoned_ms;
        by_due_.emplace(entry.due_at_ms, ticket);
    }
}

void request_desk::time_out(pending& entry) {
    const std::string name(entry.to->name);
    const error why = fail(error_code::deadline_exceeded, name + ": no answer in time");
    refusals_.note({name, entry.who}, why, steady_now_ms());
    answer(entry, encode_reply(why));
}

void request_desk::refuse_all(const error& why) {
    for (auto& [ticket, entry] : pending_) {
        if (!entry.answered) answer(entry, encode_reply(why));
    }
    pending_.clear();
    by_due_.clear();
    of_account_.clear();
}

long request_desk::timeout_ms() const {
    const int64_t now = steady_now_ms();
    const int64_t sums_ms = trail_.timeout_ms(now);
    if (by_due_.empty()) return static_cast<long>(sums_ms);
    const int64_t due_ms = std::max<int64_t>(0, by_due_.begin()->first - now);
    return static_cast<long>(sums_ms < 0 ? due_ms : std::min(due_ms, sums_ms));
}

}  // namespace ie
