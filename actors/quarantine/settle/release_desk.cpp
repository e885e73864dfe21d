#include "actors/quarantine/settle/release_desk.hpp"

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

// An account that has a space, or could have one; root's is always there. Fails: not_found,
// storage_failed.
outcome<nothing> check_account(quarantine_context& context, const account_name& account) {
    const bool has_settings =
        context.options.policy->get()->own_spaces.contains(to_lower(account.value));
    if (has_settings || equal_ignoring_case(account.value, root_account)) return nothing{};
    const auto used = account_ledger(context.index).spaces(account);
    if (!used) return context.failed(used.failure());
    if (!used->empty()) return nothing{};
    if (context.options.is_account && context.options.is_account(account)) return nothing{};
    constexpr size_t shown_bytes_max = 80;
    return fail(error_code::not_found,
                "there is no account " +
                    log_value(std::string_view(account.value).substr(0, shown_bytes_max)) +
                    " on this server");
}

}  // namespace

void release_desk::begin() {
    const auto ids = held_mails(context_.index).releasing();
    if (!ids) {
        context_.failed(ids.failure());
        return;
    }
    for (const auto& id : *ids) waiting_.push_back({id, 0});
    deliver_next();
}

template <class Request>
outcome<release_desk::chosen_mails> release_desk::choose(const Request& request,
                                                         const request_context& from,
                                                         std::optional<uint64_t> remaining) {
    const auto scope = scope_of(from.who, request.filter.account);
    if (!scope) return scope.failure();
    if (request.reason.size() > settle_reason_bytes_max) {
        return fail(
            error_code::bad_request,
            "a reason may have at most " + std::to_string(settle_reason_bytes_max) + " bytes");
    }
    if (request.ids.size() > Request::ids_max) {
        return fail(error_code::bad_request,
                    "more than " + std::to_string(Request::ids_max) + " ids");
    }
    chosen_mails chosen;
    if (!remaining) {
        choose_by_id(chosen, request.ids, *scope, from.who, Request::name);
        return chosen;
    }
    chosen.reply.remaining = *remaining;
    const auto done = choose_found(chosen, request.ids, *scope);
    if (!done) return done.failure();
    return chosen;
}

void release_desk::choose_by_id(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                const mail_scope& scope, const caller& who,
                                std::string_view request) {
    std::unordered_set<std::string> seen;
    for (const auto& id : ids) {
        if (!seen.insert(to_lower(id.value)).second) continue;
        auto shown = find_shown(held_mails(context_.index), scope, id);
        if (!shown.refused.empty() && context_.options.settings) {
            context_.self->send(context_.options.settings,
                                request_refused{who, std::string(request), shown.refused});
        }
        if (shown.row) {
            chosen.rows.push_back(std::move(*shown.row));
            continue;
        }
        const error& why = shown.row.failure();
        if (why.code == error_code::storage_failed) context_.failed(why);
        chosen.reply.failed.push_back({id, why});
    }
}

// What was found a moment ago may be settled by now: then there is nothing to be said of it.
outcome<nothing> release_desk::choose_found(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                            const mail_scope& scope) {
    for (const auto& id : ids) {
        auto row = held_mails(context_.index).find_short(id);
        if (!row) return context_.failed(row.failure());
        if (!*row || (*row)->release.state != mail_state::held || !scope.holds(**row)) continue;
        chosen.rows.push_back(std::move(**row));
    }
    return nothing{};
}

// What the rule makes of each, in one commit; returns the rows it was made of, as they were.
std::vector<mail_row> release_desk::commit_all(
    chosen_mails& chosen, outcome<release_record> (*rule)(const release_record&),
    const more_changes& more) {
    std::vector<mail_row> changed;
    std::vector<index_change> changes;
    for (auto& row : chosen.rows) {
        const auto next = rule(row.release);
        if (next) {
            changes.push_back(set_release{row.number, *next, context_.now_ms()});
            more(row, changes);
            changed.push_back(std::move(row));
        } else {
            chosen.reply.failed.push_back({row.id, next.failure()});
        }
    }
    if (changes.empty()) return changed;
    const auto committed = context_.commit(changes);
    if (committed) return changed;
    const error failure = context_.failed(committed.failure());
    for (const auto& row : changed) chosen.reply.failed.push_back({row.id, failure});
    return {};
}

caf::result<mails_settled> release_desk::on_release_mails(const release_mails& request,
                                                          const request_context& from,
                                                          std::optional<uint64_t> remaining) {
    const int64_t left_ms = from.deadline_at_ms - steady_now_ms();
    if (left_ms <= 0) return to_caf(fail(error_code::deadline_exceeded, "no time is left"));
    auto chosen = choose(request, from, remaining);
    if (!chosen) return to_caf(chosen.failure());
    if (const auto kept = keep_allowance(*chosen, from.who); !kept) return to_caf(kept.failure());
    const release_order order{from.who, context_.now_ms(), request.learn, request.reason};
    open_request open;
    const auto begun = commit_all(*chosen, begin_release, [&](const mail_row& row, auto& changes) {
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

// An owner's releases are bounded; those that are too many are refused, each for itself.
outcome<nothing> release_desk::keep_allowance(chosen_mails& chosen, const caller& who) {
    if (who.role != caller_role::account) return nothing{};
    const uint32_t limit = context_.space_of(who.account).releases_limit;
    const int64_t now_ms = context_.now_ms();
    const auto used = account_ledger(context_.index)
                          .releases_since(who.account, now_ms - allowance_window_ms, now_ms);
    if (!used) return context_.failed(used.failure());
    const uint64_t allowed = limit - std::min<uint64_t>(*used, limit);
    uint64_t taken = 0;
    std::vector<mail_row> kept;
    std::vector<mail_id> beyond;
    for (auto& row : chosen.rows) {
        // What can't be released anyway fails for that, and counts for nothing.
        const bool counts = static_cast<bool>(begin_release(row.release));
        if (counts && taken == allowed) {
            beyond.push_back(row.id);
            continue;
        }
        taken += counts ? 1 : 0;
        kept.push_back(std::move(row));
    }
    chosen.rows = std::move(kept);
    if (beyond.empty()) return nothing{};
    const auto first =
        taken < limit
            ? account_ledger(context_.index).release_before(who.account, limit - taken - 1)
            : outcome<int64_t>(now_ms);
    if (!first) return context_.failed(first.failure());
    const error why = no_release_left(who.account, limit, *first);
    for (auto& id : beyond) chosen.reply.failed.push_back({std::move(id), why});
    return nothing{};
}

caf::result<mails_settled> release_desk::wait_for(open_request request, int64_t wait_ms) {
    const owed_answer<mails_settled> answer(context_.self);
    request.answer = answer;
    const uint64_t number = ++last_request_;
    requests_.emplace(number, std::move(request));
    context_.self->delayed_send(context_.self, std::chrono::milliseconds(wait_ms), stop_atom_v,
                                number);
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
    while (in_flight_ < context_.options.deliveries_in_flight_max && !waiting_.empty()) {
        const delivery job = waiting_.front();
        waiting_.pop_front();
        ++in_flight_;
        deliver(job);
    }
}

// A mail that is bound already is Exim's: nothing is handed over again.
void release_desk::deliver(const delivery& job) {
    const auto row = held_mails(context_.index).find(job.id);
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
    const auto row = held_mails(context_.index).find(job.id);
    if (!row) return settle_later(job, row.failure());
    if (!*row) return finish(job, fail(error_code::not_found, "no such mail"));
    const release_record next = after_delivery((*row)->release, answer);
    const auto order = account_ledger(context_.index).order_of((*row)->number);
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

// With what the audit trail is to say of it.
outcome<nothing> release_desk::commit_outcome(const mail_row& row, const release_record& next,
                                              const std::optional<release_order>& order) {
    if (next == row.release) return nothing{};
    std::vector<index_change> changes{set_release{row.number, next, context_.now_ms()}};
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
    return context_.commit(changes);
}

void release_desk::report(const mail_row& row, const release_record& next, bool taken_up,
                          const std::optional<release_order>& order,
                          const outcome<mail_delivered>& answer) {
    const auto account = kv("account", row.ticket.owner.account);
    const auto email_id = kv("email_id", row.id);
    if (taken_up) {
        context_.log.info(event::release_settled, next.bound, email_id, account,
                          kv("state", next.state));
    }
    trail_.tell();
    if (next.state != mail_state::released) {
        context_.last_error = next.error;
        context_.log.warn(event::release_failed, row.queue_id, email_id, account,
                          kv("error", next.error));
        return;
    }
    const release_order asked = order.value_or(release_order{});
    if (order && order->learn) teach(row, order->who, false);
    remove_file(row);
    if (answer && answer->queue_id != next.bound) {
        context_.log.info(event::duplicate_dropped, answer->queue_id, email_id,
                          kv("bound", next.bound));
    }
    context_.log.info(event::mail_released, next.bound, email_id, account,
                      kv("recipients_count", row.recipients.size()),
                      kv("size_bytes", row.size_bytes),
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

caf::result<mails_settled> release_desk::on_remove_mails(const remove_mails& request,
                                                         const request_context& from,
                                                         std::optional<uint64_t> remaining) {
    auto chosen = choose(request, from, remaining);
    if (!chosen) return to_caf(chosen.failure());
    const std::string result = request.reason.empty() ? "done" : "done: " + request.reason;
    const auto gone = commit_all(*chosen, begin_remove, [&](const mail_row& row, auto& changes) {
        changes.push_back(action_on(from.who, context_.now_ms(), remove_mails::name,
                                    object_text(row), name_of(row.release.state),
                                    name_of(mail_state::removed), result));
    });
    for (const auto& row : gone) {
        if (request.learn) teach(row, from.who, true);
        remove_file(row);
        chosen->reply.done.push_back(row.id);
        context_.log.info(event::mail_removed, row.queue_id, kv("email_id", row.id),
                          kv("account", row.ticket.owner.account), kv("size_bytes", row.size_bytes),
                          kv("by_uid", from.who.uid), kv("learn", request.learn),
                          kv("reason", request.reason));
    }
    trail_.tell();
    return std::move(chosen->reply);
}

// One record in the trail for all of it.
caf::result<account_purged> release_desk::on_purge_account(const purge_account& request,
                                                           const request_context& from) {
    const auto account = acting_account(from.who, request.account);
    if (!account) return to_caf(account.failure());
    // An owner is an account, or wouldn't be one to the gateway.
    if (from.who.role == caller_role::root) {
        if (const auto known = check_account(context_, *account); !known) {
            return to_caf(known.failure());
        }
    }
    const auto rows = held_mails(context_.index).oldest_of(*account, purge_account::mails_max);
    if (!rows) return to_caf(context_.failed(rows.failure()));
    account_purged reply;
    reply.removed = rows->size();
    std::vector<index_change> changes;
    for (const auto& row : *rows) {
        changes.push_back(set_release{
            row.number, {mail_state::removed, row.release.bound, {}}, context_.now_ms()});
    }
    if (!changes.empty()) {
        changes.push_back(action_on(from.who, context_.now_ms(), purge_account::name,
                                    "account " + account->value,
                                    std::to_string(rows->size()) + " mails held", "removed"));
        const auto committed = context_.commit(changes);
        if (!committed) return to_caf(context_.failed(committed.failure()));
        context_.log.info(event::account_purged, kv("account", *account), kv("mails", rows->size()),
                          kv("by_uid", from.who.uid));
        for (const auto& row : *rows) remove_file(row);
        trail_.tell();
    }
    const auto shown = account_ledger(context_.index).shown(*account);
    if (!shown) return to_caf(context_.failed(shown.failure()));
    reply.remaining = shown->held;
    reply.releasing = shown->releasing;
    return reply;
}

void release_desk::teach(const mail_row& row, const caller& who, bool spam) {
    if (!context_.options.learner) return;
    auto stored = context_.store.read(row.id);
    if (!stored) return (void)context_.failed(stored.failure());
    context_.self->send(context_.options.learner,
                        mail_lesson{row.id, row.ticket.owner.account, spam, who},
                        std::move(stored->mail));
}

// Exim asks for each recipient and each attempt: only what changes is committed and logged.
caf::result<release_confirmed> release_desk::on_confirm_release(const confirm_release& request) {
    const auto row = held_mails(context_.index).find(mail_id{to_lower(request.id.value)});
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
    const auto order = account_ledger(context_.index).order_of(mail.number);
    if (!order) return to_caf(context_.failed(order.failure()));
    const auto committed = commit_outcome(mail, confirmed.next, *order);
    if (!committed) return to_caf(context_.failed(committed.failure()));
    context_.log.info(event::release_confirmed, request.queue_id, email_id);
    if (mail.release.state == mail_state::held) {
        report(mail, confirmed.next, false, *order, mail_delivered{request.queue_id});
    }
    return release_confirmed{true};
}

void release_desk::remove_file(const mail_row& row) {
    const auto removed = context_.remove_file(row.id);
    if (!removed) context_.failed(removed.failure());
}

}  // namespace ie
