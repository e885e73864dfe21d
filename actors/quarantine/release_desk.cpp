#include "actors/quarantine/release_desk.hpp"

#include <algorithm>
#include <unordered_set>

#include "messages/text.hpp"

namespace ie {
namespace {

// The answer leaves this much before the deadline, so that it is still waited for.
int64_t wait_for_answer_ms(int64_t left_ms) {
    constexpr int64_t margin_ms_max = 250;
    return left_ms - std::min(margin_ms_max, left_ms / 10);
}

}  // namespace

void release_desk::begin() {
    const auto ids = context_.index.releasing();
    if (!ids) {
        context_.failed(ids.failure());
        return;
    }
    for (const auto& id : *ids) waiting_.push_back({id, 0, "unknown", true, {}});
    deliver_next();
}

template <class Request>
outcome<release_desk::chosen_mails> release_desk::choose(const Request& request,
                                                         const request_context& from) {
    const auto scope = scope_of(from.who, request.filter.account);
    if (!scope) return scope.failure();
    if (request.ids.size() > Request::ids_max) {
        return fail(error_code::bad_request,
                    "more than " + std::to_string(Request::ids_max) + " ids");
    }
    chosen_mails chosen;
    if (!request.ids.empty()) {
        choose_by_id(chosen, request.ids, *scope);
        return chosen;
    }
    const auto done = choose_by_filter(chosen, request.filter, *scope);
    if (!done) return done.failure();
    return chosen;
}

void release_desk::choose_by_id(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                const mail_scope& scope) {
    std::unordered_set<std::string> seen;
    for (const auto& id : ids) {
        if (!seen.insert(to_lower(id.value)).second) continue;
        auto row = find_shown(context_, scope, id);
        if (row) {
            chosen.rows.push_back(std::move(*row));
        } else {
            chosen.reply.failed.push_back({id, row.failure()});
        }
    }
}

outcome<nothing> release_desk::choose_by_filter(chosen_mails& chosen, const mail_filter& filter,
                                                const mail_scope& scope) {
    const mail_query query{scope.account, filter, true};
    auto rows = context_.index.select(query, release_mails::ids_max, 0);
    if (!rows) return rows.failure();
    const auto count = context_.index.count(query);
    if (!count) return count.failure();
    chosen.reply.remaining = *count - std::min<uint64_t>(*count, rows->size());
    chosen.rows = std::move(*rows);
    return nothing{};
}

// What the rule makes of each, in one commit; returns the rows it was made of, as they were.
std::vector<mail_row> release_desk::commit_all(
    chosen_mails& chosen, outcome<release_record> (*rule)(const release_record&)) {
    std::vector<mail_row> changed;
    std::vector<index_change> changes;
    for (auto& row : chosen.rows) {
        const auto next = rule(row.release);
        if (next) {
            changes.push_back(set_release{row.number, row.size_bytes, row.release.state, *next,
                                          context_.now_ms()});
            changed.push_back(std::move(row));
        } else {
            chosen.reply.failed.push_back({row.id, next.failure()});
        }
    }
    if (changes.empty()) return changed;
    const auto committed = context_.index.commit(changes);
    if (committed) return changed;
    const error failure = context_.failed(committed.failure());
    for (const auto& row : changed) chosen.reply.failed.push_back({row.id, failure});
    return {};
}

caf::result<mails_settled> release_desk::on_release_mails(const release_mails& request,
                                                          const request_context& from) {
    const int64_t left_ms = from.deadline_at_ms - steady_now_ms();
    if (left_ms <= 0) return to_caf(fail(error_code::deadline_exceeded, "no time is left"));
    auto chosen = choose(request, from);
    if (!chosen) return to_caf(chosen.failure());
    open_request open;
    for (const auto& row : commit_all(*chosen, begin_release)) {
        open.open.push_back(row.id);
        waiting_.push_back({row.id, last_request_ + 1, std::to_string(from.who.uid), request.learn,
                            request.reason});
    }
    open.reply = std::move(chosen->reply);
    if (open.open.empty()) return std::move(open.reply);
    return wait_for(std::move(open), wait_for_answer_ms(left_ms));
}

caf::result<mails_settled> release_desk::wait_for(open_request request, int64_t wait_ms) {
    request.promise = context_.self->make_response_promise<mails_settled>();
    const auto promise = request.promise;
    const uint64_t number = ++last_request_;
    requests_.emplace(number, std::move(request));
    context_.self->delayed_send(context_.self, std::chrono::milliseconds(wait_ms), stop_atom_v,
                                number);
    deliver_next();
    return promise;
}

void release_desk::on_deadline(uint64_t number) {
    const auto found = requests_.find(number);
    if (found == requests_.end()) return;
    open_request request = std::move(found->second);
    requests_.erase(found);
    for (const auto& id : request.open) {
        request.reply.failed.push_back(
            {id, fail(error_code::deadline_exceeded, "still being released")});
    }
    request.promise.deliver(std::move(request.reply));
}

void release_desk::deliver_next() {
    while (in_flight_ < context_.options.deliveries_in_flight_max && !waiting_.empty()) {
        const delivery job = waiting_.front();
        waiting_.pop_front();
        ++in_flight_;
        deliver(job);
    }
}

// A mail that is bound already is Exim's: nothing is handed over again.
void release_desk::deliver(const delivery& job) {
    const auto row = context_.index.find(job.id);
    if (!row) return settle(job, row.failure());
    if (!*row || !(*row)->release.bound.empty()) {
        return settle(job, mail_delivered{*row ? (*row)->release.bound : queue_id{}});
    }
    const auto stored = context_.store.read(job.id);
    if (!stored) return settle(job, context_.failed(stored.failure()));
    const deliver_mail request{job.id, (*row)->ticket.sender, (*row)->recipients};
    const std::chrono::milliseconds timeout(context_.options.delivery_timeout_ms);
    context_.self->request(context_.options.courier, timeout, request, stored->mail)
        .then([this, job](const mail_delivered& done) { on_answer(job, done); },
              [this, job](const caf::error& failure) { on_answer(job, from_caf(failure)); });
}

void release_desk::on_answer(const delivery& job, const outcome<mail_delivered>& answer) {
    settle(job, answer);
    deliver_next();
}

void release_desk::settle(const delivery& job, const outcome<mail_delivered>& answer) {
    --in_flight_;
    const auto row = context_.index.find(job.id);
    if (!row) return settle_later(job, row.failure());
    if (!*row) return finish(job, fail(error_code::not_found, "no such mail"));
    const release_record next = after_delivery((*row)->release, answer);
    if (const auto committed = commit(**row, next); !committed) {
        return settle_later(job, committed.failure());
    }
    report(**row, next, job, answer);
    if (next.state == mail_state::released || answer) {
        finish(job, nothing{});
    } else {
        finish(job, answer.failure());
    }
}

// Its caller is told now. It may be handed over once more: Exim's question tells the copies apart.
void release_desk::settle_later(delivery job, const error& why) {
    finish(job, context_.failed(why));
    if (unsettled_.empty()) {
        context_.self->delayed_send(context_.self, retry_interval, flush_atom_v);
    }
    job.request = 0;
    unsettled_.push_back(std::move(job));
}

void release_desk::retry() {
    for (delivery& job : std::exchange(unsettled_, {})) waiting_.push_back(std::move(job));
    deliver_next();
}

outcome<nothing> release_desk::commit(const mail_row& row, const release_record& next) {
    if (next == row.release) return nothing{};
    return context_.index.commit(
        {set_release{row.number, row.size_bytes, row.release.state, next, context_.now_ms()}});
}

void release_desk::report(const mail_row& row, const release_record& next, const delivery& job,
                          const outcome<mail_delivered>& answer) {
    const auto account = kv("account", row.ticket.owner.account);
    const auto email_id = kv("email_id", row.id);
    if (job.request == 0) {
        context_.log.info(event::release_settled, next.bound, email_id, account,
                          kv("state", next.state));
    }
    if (next.state != mail_state::released) {
        context_.last_error = next.error;
        context_.log.warn(event::release_failed, row.queue_id, email_id, account,
                          kv("error", next.error));
        return;
    }
    remove_file(row);
    if (answer && answer->queue_id != next.bound) {
        context_.log.info(event::duplicate_dropped, answer->queue_id, email_id,
                          kv("bound", next.bound));
    }
    context_.log.info(event::mail_released, next.bound, email_id, account,
                      kv("recipients_count", row.recipients.size()),
                      kv("size_bytes", row.size_bytes), kv("by_uid", job.by_uid),
                      kv("learn", job.learn), kv("reason", job.reason));
}

void release_desk::finish(const delivery& job, const outcome<nothing>& result) {
    const auto found = requests_.find(job.request);
    if (found == requests_.end()) return;
    open_request& request = found->second;
    std::erase(request.open, job.id);
    if (result) {
        request.reply.done.push_back(job.id);
    } else {
        request.reply.failed.push_back({job.id, result.failure()});
    }
    if (!request.open.empty()) return;
    request.promise.deliver(std::move(request.reply));
    requests_.erase(found);
}

caf::result<mails_settled> release_desk::on_remove_mails(const remove_mails& request,
                                                         const request_context& from) {
    auto chosen = choose(request, from);
    if (!chosen) return to_caf(chosen.failure());
    for (const auto& row : commit_all(*chosen, begin_remove)) {
        remove_file(row);
        context_.log.info(event::mail_removed, row.queue_id, kv("email_id", row.id),
                          kv("account", row.ticket.owner.account), kv("size_bytes", row.size_bytes),
                          kv("by_uid", from.who.uid), kv("learn", request.learn),
                          kv("reason", request.reason));
        chosen->reply.done.push_back(row.id);
    }
    return std::move(chosen->reply);
}

// Exim asks for each recipient and each attempt: only what changes is committed and logged.
caf::result<release_confirmed> release_desk::on_confirm_release(const confirm_release& request) {
    const auto row = context_.index.find(mail_id{to_lower(request.id.value)});
    if (!row) return to_caf(context_.failed(row.failure()));
    if (!*row) return to_caf(fail(error_code::not_found, "no such mail"));
    const mail_row& mail = **row;
    const confirmation confirmed = confirm_copy(mail.release, request.queue_id);
    const auto email_id = kv("email_id", mail.id);
    if (!confirmed.deliver) {
        context_.log.info(event::duplicate_dropped, request.queue_id, email_id,
                          kv("bound", mail.release.bound));
        return release_confirmed{false};
    }
    if (confirmed.next == mail.release) return release_confirmed{true};
    const auto committed = commit(mail, confirmed.next);
    if (!committed) return to_caf(context_.failed(committed.failure()));
    context_.log.info(event::release_confirmed, request.queue_id, email_id);
    if (mail.release.state == mail_state::held) {
        report(mail, confirmed.next, {mail.id, UINT64_MAX, "unknown", true, {}},
               mail_delivered{request.queue_id});
    }
    return release_confirmed{true};
}

void release_desk::remove_file(const mail_row& row) {
    const auto removed = context_.store.remove(row.id);
    if (!removed) context_.failed(removed.failure());
}

}  // namespace ie
