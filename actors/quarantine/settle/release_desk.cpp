#include "actors/quarantine/settle/release_desk.hpp"

#include <algorithm>

#include "actors/quarantine/settle/release_allowance.hpp"
#include "messages/steady_clock.hpp"
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
    const auto ids = mails_.releasing();
    if (!ids) {
        trouble_.failed(ids.failure());
        return;
    }
    for (const auto& id : *ids) waiting_.push_back({id, 0});
    deliver_next();
}

caf::result<mails_settled> release_desk::on_release_mails(const release_mails& request,
                                                          const request_context& from,
                                                          std::optional<uint64_t> remaining) {
    const int64_t left_ms = from.deadline_at_ms - steady_now_ms();
    if (left_ms <= 0) return to_caf(fail(error_code::deadline_exceeded, "no time is left"));
    auto chosen = chooser_.choose(request, from, remaining);
    if (!chosen) return to_caf(chosen.failure());
    const int64_t now_ms = options_.clock->now_ms();
    if (from.who.role == caller_role::account) {
        const account_name& account = from.who.account;
        const auto kept = keep_allowance(account_ledger(database_), account,
                                         options_.policy->get()->space_of(account).releases_limit,
                                         now_ms, *chosen);
        if (!kept) return to_caf(trouble_.failed(kept.failure()));
    }
    const release_order order{from.who, now_ms, request.learn, request.reason};
    open_request open;
    const auto begun =
        chooser_.change(*chosen, begin_release, [&](const mail_row& row, auto& changes) {
            changes.push_back(put_order{row.number, row.ticket.owner.account, order});
        });
    for (const auto& row : begun) {
        open.open.push_back(row.id);
        waiting_.push_back({row.id, last_request_ + 1});
    }
    open.reply = std::move(chosen->reply);
    if (open.open.empty()) return std::move(open.reply);
    return wait_for(std::move(open), wait_for_answer_ms(left_ms));
}

caf::result<mails_settled> release_desk::wait_for(open_request request, int64_t wait_ms) {
    const owed_answer<mails_settled> answer(self_);
    request.answer = answer;
    const uint64_t number = ++last_request_;
    requests_.emplace(number, std::move(request));
    self_->delayed_send(self_, std::chrono::milliseconds(wait_ms), stop_atom_v, number);
    deliver_next();
    return answer;
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
    request.answer.deliver(std::move(request.reply));
}

void release_desk::deliver_next() {
    while (in_flight_ < options_.deliveries_in_flight_max && !waiting_.empty()) {
        const delivery job = waiting_.front();
        waiting_.pop_front();
        ++in_flight_;
        deliver(job);
    }
}

// A mail that is bound already is Exim's: nothing is handed over again.
void release_desk::deliver(const delivery& job) {
    const auto row = mails_.find(job.id);
    if (!row) return settle(job, row.failure());
    if (!*row || !(*row)->release.bound.empty()) {
        return settle(job, mail_delivered{*row ? (*row)->release.bound : queue_id{}});
    }
    const auto stored = files_.open(job.id);
    if (!stored) return settle(job, trouble_.failed(stored.failure()));
    const deliver_mail request{job.id, (*row)->ticket.sender, (*row)->recipients};
    const std::chrono::milliseconds timeout(options_.delivery_timeout_ms);
    self_->request(options_.courier, timeout, request, stored->mail)
        .then([this, job](const mail_delivered& done) { on_answer(job, done); },
              [this, job](const caf::error& failure) { on_answer(job, from_caf(failure)); });
}

void release_desk::on_answer(const delivery& job, const outcome<mail_delivered>& answer) {
    settle(job, answer);
    deliver_next();
}

void release_desk::settle(const delivery& job, const outcome<mail_delivered>& answer) {
    --in_flight_;
    const auto row = mails_.find(job.id);
    if (!row) return settle_later(job, row.failure());
    if (!*row) return finish(job, fail(error_code::not_found, "no such mail"));
    const release_record next = after_delivery((*row)->release, answer);
    const auto order = account_ledger(database_).order_of((*row)->number);
    if (!order) return settle_later(job, order.failure());
    if (const auto committed = commit_outcome(**row, next, *order); !committed) {
        return settle_later(job, committed.failure());
    }
    report(**row, next, job.request == 0, *order, answer);
    if (next.state == mail_state::released || answer) {
        finish(job, nothing{});
    } else {
        finish(job, answer.failure());
    }
}

// Its caller is told now. It may be handed over once more: Exim's question tells the copies apart.
void release_desk::settle_later(delivery job, const error& why) {
    finish(job, trouble_.failed(why));
    if (unsettled_.empty()) {
        self_->delayed_send(self_, retry_interval, flush_atom_v);
    }
    job.request = 0;
    unsettled_.push_back(std::move(job));
}

void release_desk::retry() {
    for (delivery& job : std::exchange(unsettled_, {})) waiting_.push_back(std::move(job));
    deliver_next();
}

// With what the audit trail is to say of it.
outcome<nothing> release_desk::commit_outcome(const mail_row& row, const release_record& next,
                                              const std::optional<release_order>& order) {
    if (next == row.release) return nothing{};
    std::vector<index_change> changes{set_release{row.number, next, options_.clock->now_ms()}};
    const bool settled = row.release.state != next.state && next.state != mail_state::releasing;
    if (settled && order) {
        const bool released = next.state == mail_state::released;
        std::string result = released ? "done" : "failed: " + next.error;
        if (released && !order->reason.empty()) result += ": " + order->reason;
        changes.push_back(action_on(order->who, order->at_ms, release_mails::name, object_text(row),
                                    name_of(mail_state::held), name_of(next.state),
                                    std::move(result)));
        if (!released) changes.push_back(uncount_release{row.number});
    }
    return database_.commit(changes);
}

void release_desk::report(const mail_row& row, const release_record& next, bool taken_up,
                          const std::optional<release_order>& order,
                          const outcome<mail_delivered>& answer) {
    const auto account = kv("account", row.ticket.owner.account);
    const auto email_id = kv("email_id", row.id);
    if (taken_up) {
        log_.info(event::release_settled, next.bound, email_id, account, kv("state", next.state));
    }
    trail_.tell();
    if (next.state != mail_state::released) {
        trouble_.remember(next.error);
        log_.warn(event::release_failed, row.queue_id, email_id, account, kv("error", next.error));
        return;
    }
    const release_order asked = order.value_or(release_order{});
    if (order && order->learn) {
        departures_.teach(row, order->who, false);
    } else {
        departures_.let_go(row.id);
    }
    if (answer && answer->queue_id != next.bound) {
        log_.info(event::duplicate_dropped, answer->queue_id, email_id, kv("bound", next.bound));
    }
    log_.info(event::mail_released, next.bound, email_id, account,
              kv("recipients_count", row.recipients.size()), kv("size_bytes", row.size_bytes),
              kv("by_uid", order ? std::to_string(asked.who.uid) : "unknown"),
              kv("learn", asked.learn), kv("reason", asked.reason));
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
    request.answer.deliver(std::move(request.reply));
    requests_.erase(found);
}

// Exim asks for each recipient and each attempt: only what changes is committed and logged.
caf::result<release_confirmed> release_desk::on_confirm_release(const confirm_release& request) {
    const auto row = mails_.find(mail_id{to_lower(request.id.value)});
    if (!row) return to_caf(trouble_.failed(row.failure()));
    if (!*row) return to_caf(fail(error_code::not_found, "no such mail"));
    const mail_row& mail = **row;
    const confirmation confirmed = confirm_copy(mail.release, request.queue_id);
    const auto email_id = kv("email_id", mail.id);
    if (!confirmed.deliver) {
        log_.info(event::duplicate_dropped, request.queue_id, email_id,
                  kv("bound", mail.release.bound));
        return release_confirmed{false};
    }
    if (confirmed.next == mail.release) return release_confirmed{true};
    const auto order = account_ledger(database_).order_of(mail.number);
    if (!order) return to_caf(trouble_.failed(order.failure()));
    const auto committed = commit_outcome(mail, confirmed.next, *order);
    if (!committed) return to_caf(trouble_.failed(committed.failure()));
    log_.info(event::release_confirmed, request.queue_id, email_id);
    if (mail.release.state == mail_state::held) {
        report(mail, confirmed.next, false, *order, mail_delivered{request.queue_id});
    }
    return release_confirmed{true};
}

}  // namespace ie
