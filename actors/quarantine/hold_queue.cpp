#include "actors/quarantine/hold_queue.hpp"

#include <algorithm>
#include <unordered_set>

#include "messages/text.hpp"

namespace ie {
namespace {

std::string reason_names(const std::vector<hold_reason>& reasons) {
    std::string names;
    for (const auto each : reasons) {
        names += (names.empty() ? "" : ",") + std::string(name_of(each));
    }
    return names;
}

// Those of `asked` that no mail of the family has, each once.
std::vector<std::string> unknown_recipients(const std::vector<std::string>& asked,
                                            const std::vector<mail_row>& family) {
    std::unordered_set<std::string_view> known;
    for (const auto& row : family) known.insert(row.recipients.begin(), row.recipients.end());
    std::vector<std::string> unknown;
    for (const auto& each : asked) {
        if (known.insert(each).second) unknown.push_back(each);
    }
    return unknown;
}

outcome<nothing> check(const hold_mail& request, const request_context& from) {
    if (!is_uuid(request.ticket.id.value)) {
        return fail(error_code::bad_request, "the ticket's id is no UUID");
    }
    if (request.recipients.empty()) return fail(error_code::bad_request, "no recipients");
    if (request.recipients.size() > hold_queue::recipients_max) {
        return fail(error_code::bad_request,
                    "more than " + std::to_string(hold_queue::recipients_max) + " recipients");
    }
    if (from.deadline_at_ms <= steady_now_ms()) {
        return fail(error_code::deadline_exceeded, "the mail waited for longer than its deadline");
    }
    return nothing{};
}

// Whether recipients may join: not once a copy may be on its way, which would go out without them.
bool is_untouched(const mail_row& row) {
    return row.release.state == mail_state::held && row.release.bound.empty() &&
           row.release.error.empty();
}

}  // namespace

caf::result<mail_held> hold_queue::on_hold_mail(const hold_mail& request,
                                                const request_context& from,
                                                const mail_bytes& mail) {
    if (const auto checked = check(request, from); !checked) return to_caf(checked.failure());
    hold_mail hold = request;
    hold.ticket.id.value = to_lower(hold.ticket.id.value);
    if (hold.ticket.owner.account.empty()) hold.ticket.owner.account.value = root_account;
    if (waits(hold.ticket.id)) commit();
    return store(hold, mail);
}

// A file that the database doesn't know may have been acknowledged by an engine that lost its
// database: it is taken in, never written over.
outcome<std::vector<mail_row>> hold_queue::family_of(const mail_id& ticket) {
    auto family = context_.index.find_by_ticket(ticket);
    if (!family || !family->empty()) return family;
    if (const auto taken = sweep_.take_in(ticket); !taken) return taken.failure();
    return context_.index.find_by_ticket(ticket);
}

// Rows and names are made durable at the same time. After a power cut, or where a folder couldn't
// be synced, a row may be there whose file isn't: Exim, who was told nothing, brings the mail
// again.
outcome<nothing> hold_queue::keep_files(const std::vector<mail_row>& family,
                                        const mail_bytes& mail) {
    for (const auto& row : family) {
        if (!is_shown(row.release.state)) continue;
        auto there = context_.store.sync_name(row.id);
        if (!there && there.failure().code == error_code::not_found) there = store_again(row, mail);
        if (!there) return there;
    }
    return nothing{};
}

outcome<nothing> hold_queue::store_again(const mail_row& row, const mail_bytes& mail) {
    const stored_record record{row.id,         row.ticket,  row.queue_id,          row.recipients,
                               row.held_at_ms, mail.size(), sha256_of(mail.view())};
    const auto staged = context_.store.stage(record, mail.view());
    if (!staged) return staged.failure();
    return context_.store.publish({&*staged}).front();
}

// Exim may deliver one mail in parts, and any part again: recipients that are known are answered,
// new ones join the mail while it is held, and make a mail of their own once it is settled.
caf::result<mail_held> hold_queue::store(const hold_mail& request, const mail_bytes& mail) {
    const auto family = family_of(request.ticket.id);
    if (!family) return to_caf(context_.failed(family.failure()));
    if (const auto there = keep_files(*family, mail); !there) {
        return to_caf(context_.failed(there.failure()));
    }
    hold_mail hold = request;
    hold.recipients = unknown_recipients(request.recipients, *family);
    if (hold.recipients.empty()) return mail_held{family->back().id};
    const auto held = std::find_if(family->begin(), family->end(), is_untouched);
    if (held != family->end()) {
        auto joined = stage_more(hold, *held);
        if (joined) return enqueue(std::move(*joined));
        context_.failed(joined.failure());
    }
    auto staged = stage_new(hold, family->empty() ? hold.ticket.id : mail_id{random_.uuid()}, mail);
    if (!staged) return to_caf(context_.failed(staged.failure()));
    return enqueue(std::move(*staged));
}

outcome<hold_queue::waiting_hold> hold_queue::stage_new(const hold_mail& request, const mail_id& id,
                                                        const mail_bytes& mail) {
    const stored_record record{
        id,          request.ticket,        request.queue_id, request.recipients, context_.now_ms(),
        mail.size(), sha256_of(mail.view())};
    auto staged = context_.store.stage(record, mail.view());
    if (!staged) return staged.failure();
    add_mail change = row_of(record, mail.view(), staged->file_bytes);
    return waiting_hold{
        {}, std::move(*staged), std::move(change), request.ticket.id, request, mail.size(), true};
}

// The file is written anew with all recipients; the bytes stay those that came first.
outcome<hold_queue::waiting_hold> hold_queue::stage_more(const hold_mail& request,
                                                         const mail_row& row) {
    auto stored = context_.store.read(row.id);
    if (!stored) return stored.failure();
    stored->record.recipients = row.recipients;
    stored->record.recipients.insert(stored->record.recipients.end(), request.recipients.begin(),
                                     request.recipients.end());
    auto staged = context_.store.stage(stored->record, stored->mail.view());
    if (!staged) return staged.failure();
    const uint64_t file_bytes = staged->file_bytes;
    return waiting_hold{{},
                        std::move(*staged),
                        add_recipients{row.number, request.recipients, file_bytes},
                        request.ticket.id,
                        request,
                        row.size_bytes,
                        false};
}

caf::result<mail_held> hold_queue::enqueue(waiting_hold hold) {
    hold.promise = context_.self->make_response_promise<mail_held>();
    const auto promise = hold.promise;
    if (waiting_.empty()) context_.self->send(context_.self, commit_atom_v);
    waiting_bytes_ += hold.size_bytes;
    waiting_.push_back(std::move(hold));
    if (waiting_.size() >= batch_mails_max || waiting_bytes_ >= batch_bytes_max) commit();
    return promise;
}

bool hold_queue::waits(const mail_id& ticket) const {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [&](const waiting_hold& each) { return each.ticket == ticket; });
}

void hold_queue::commit() {
    auto batch = std::exchange(waiting_, {});
    waiting_bytes_ = 0;
    if (batch.empty()) return;
    std::vector<const staged_mail*> files;
    files.reserve(batch.size());
    for (const auto& each : batch) files.push_back(&each.staged);
    outcome<nothing> together = nothing{};
    auto results = context_.store.publish(files, [&](const mail_store::outcomes& named) {
        std::vector<index_change> changes;
        for (size_t i = 0; i < batch.size(); ++i) {
            if (named[i]) changes.push_back(batch[i].change);
        }
        together = commit_changes(changes);
    });
    for (size_t i = 0; i < batch.size(); ++i) {
        // What fails together may succeed alone: one bad mail must not keep the others out.
        if (results[i] && !together) results[i] = commit_changes({batch[i].change});
        answer(batch[i], results[i]);
    }
}

outcome<nothing> hold_queue::commit_changes(const std::vector<index_change>& changes) {
    if (changes.empty()) return nothing{};
    return context_.commit(changes);
}

// A file that the database was never told of goes; should that fail too, the next sweep takes it.
void hold_queue::answer(waiting_hold& hold, const outcome<nothing>& result) {
    const mail_id& id = hold.staged.id;
    if (!result) {
        const auto row = context_.index.find(id);
        if (hold.is_new && row && !*row) (void)context_.store.remove(id);
        hold.promise.deliver(to_caf(context_.failed(result.failure())));
        return;
    }
    const hold_ticket& ticket = hold.request.ticket;
    space_.look_at(ticket.owner.account);
    context_.log.info(event::mail_quarantined, hold.request.queue_id, kv("email_id", id),
                      kv("account", ticket.owner.account), kv("sender", ticket.sender),
                      kv("recipients_count", hold.request.recipients.size()),
                      kv("size_bytes", hold.size_bytes),
                      kv("reasons", reason_names(ticket.reasons)), kv("score", ticket.score),
                      kv("judged_by", ticket.judged_by));
    hold.promise.deliver(mail_held{id});
}

}  // namespace ie
