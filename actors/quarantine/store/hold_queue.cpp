#include "actors/quarantine/store/hold_queue.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "actors/journal/file_io.hpp"
#include "actors/quarantine/store/forwarded_mail.hpp"
#include "actors/quarantine/store/stored_row.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

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

constexpr int64_t alone_ms_max = 2'000;  // for what may succeed alone
constexpr size_t crew_size = 16;         // threads: eight large mails' files and folders

outcome<nothing> check(const hold_mail& request, const request_context& from) {
    if (!mail_id_of(request.ticket.id.value)) {
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

void keep_first(outcome<nothing>& result, const outcome<nothing>& next) {
    if (result && !next) result = next;
}

bool is_large(const mail_bytes& mail) {
    return mail.size() > hold_queue::journaled_bytes_max;
}

}  // namespace

hold_queue::hold_queue(quarantine_database& database, const mail_store& store,
                       hold_journal& journal, store_sweep& sweep, hold_rules rules,
                       trouble& troubles)
    : database_(database),
      store_(store),
      journal_(journal),
      sweep_(sweep),
      rules_(std::move(rules)),
      trouble_(troubles),
      crew_(crew_size) {}

void hold_queue::accept(const hold_mail& request, const request_context& from,
                        const mail_bytes& mail, const owed_answer<mail_held>& answer) {
    if (const auto checked = check(request, from); !checked) {
        return answer.deliver(to_caf(checked.failure()));
    }
    hold_mail hold = request;
    hold.ticket.id.value = to_lower(hold.ticket.id.value);
    if (!hold.forwarded_by.empty()) {
        hold.ticket = forwarded_ticket(std::move(hold.ticket), keeper_of(hold, mail.size()));
    }
    if (hold.ticket.owner.account.empty()) hold.ticket.owner.account.value = root_account;
    if (waits(hold.ticket.id)) commit();
    const auto known = store(hold, mail, answer);
    if (!known) return answer.deliver(to_caf(trouble_.failed(known.failure())));
    if (*known) answer.deliver(mail_held{**known});
}

// Who keeps what that address would forward. Where its owner's quarantine takes nothing in it is
// root: nobody can be refused any more, and a bounce would go to whom the spam names.
account_name hold_queue::keeper_of(const hold_mail& hold, uint64_t size_bytes) const {
    account_name account =
        rules_.account_of ? rules_.account_of(hold.forwarded_by) : account_name{};
    const space_rules space = rules_.policy->get()->space_of(account);
    const bool fits = space.state == space_state::active && size_bytes <= space.limit_bytes;
    return fits ? account : account_name{std::string(root_account)};
}

// A file that the database doesn't know may have been acknowledged by an engine that lost its
// database: it is taken in, never written over.
outcome<std::vector<mail_row>> hold_queue::family_of(const mail_id& ticket) {
    auto family = held_mails(database_).find_by_ticket(ticket);
    if (!family || !family->empty()) return family;
    if (const auto taken = sweep_.take_in(ticket); !taken) return taken.failure();
    return held_mails(database_).find_by_ticket(ticket);
}

// What is staged may be the only copy of a mail that the journal has yet to write back: nothing is
// written over it.
outcome<nothing> hold_queue::check_journal(const std::vector<mail_row>& family,
                                           const mail_id& ticket) const {
    if (const auto ready = journal_.ready(); !ready) return ready;
    const auto waits = [this](const mail_id& id) { return journal_.is_carried(id); };
    if (waits(ticket) || std::any_of(family.begin(), family.end(),
                                     [&](const mail_row& row) { return waits(row.id); })) {
        return fail(error_code::storage_failed,
                    "mail " + ticket.value + " can't be written back from the journal yet");
    }
    return nothing{};
}

// Exim brings a mail again whose file somebody has removed.
outcome<nothing> hold_queue::keep_files(const std::vector<mail_row>& family,
                                        const mail_bytes& mail) {
    for (const auto& row : family) {
        if (!is_shown(row.release.state)) continue;
        const auto there = store_.file_bytes(row.id);
        if (there) continue;
        if (there.failure().code != error_code::not_found) return there.failure();
        if (const auto stored = store_again(row, mail); !stored) return stored;
    }
    return nothing{};
}

outcome<nothing> hold_queue::store_again(const mail_row& row, const mail_bytes& mail) {
    const stored_record record{row.id,         row.ticket,  row.queue_id, row.recipients,
                               row.held_at_ms, mail.size(), {},           digest_of(mail.view())};
    const auto staged = store_.stage(record, mail.view());
    if (!staged) return staged.failure();
    auto stored = journal_.append({{row.id, staged->head, mail.view()}});
    if (stored) stored = store_.publish(*staged);
    if (!stored) store_.discard(*staged);
    return stored;
}

// The mail's id where it is held already, nothing where it waits now. Exim may deliver one mail in
// parts, and any part again: recipients that are known are answered, new ones join the mail while
// it is held, and make a mail of their own once it is settled.
outcome<std::optional<mail_id>> hold_queue::store(const hold_mail& request, const mail_bytes& mail,
                                                  const owed_answer<mail_held>& answer) {
    using held_or_waiting = std::optional<mail_id>;
    const auto family = family_of(request.ticket.id);
    if (!family) return family.failure();
    if (const auto ready = check_journal(*family, request.ticket.id); !ready) {
        return ready.failure();
    }
    if (const auto there = keep_files(*family, mail); !there) return there.failure();
    hold_mail hold = request;
    hold.recipients = unknown_recipients(request.recipients, *family);
    if (hold.recipients.empty()) return held_or_waiting{family->back().id};
    const auto held = std::find_if(family->begin(), family->end(), is_untouched);
    if (held != family->end()) {
        auto stored = store_.read(held->id);
        if (stored) {
            // The file is written anew with all recipients; the bytes stay those that came first.
            stored->record.recipients = held->recipients;
            stored->record.recipients.insert(stored->record.recipients.end(),
                                             hold.recipients.begin(), hold.recipients.end());
            enqueue({answer, hold, std::move(stored->record), stored->mail, held->number});
            return held_or_waiting{};
        }
        trouble_.failed(stored.failure());
    }
    const mail_id id = family->empty() ? hold.ticket.id : mail_id{random_.uuid()};
    enqueue({answer, hold, new_record(hold, id, mail.size()), mail});
    return held_or_waiting{};
}

// But for the digest.
stored_record hold_queue::new_record(const hold_mail& request, const mail_id& id,
                                     size_t size_bytes) const {
    return {id,
            request.ticket,
            request.queue_id,
            request.recipients,
            rules_.clock->now_ms(),
            size_bytes,
            {},
            {}};
}

void hold_queue::enqueue(waiting_hold hold) {
    if (waiting_.empty()) events_.hold_waits();
    waiting_bytes_ += hold.mail.size();
    auto& added = waiting_.emplace_back(std::move(hold));
    crew_.begin([this, &added] { stage(added); });
    if (waiting_.size() >= batch_mails_max || waiting_bytes_ >= batch_bytes_max) commit();
}

bool hold_queue::waits(const mail_id& ticket) const {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [&](const waiting_hold& each) { return each.request.ticket.id == ticket; });
}

void hold_queue::commit() {
    batch holds = std::exchange(waiting_, {});
    waiting_bytes_ = 0;
    if (holds.empty()) return;
    crew_.finish();
    make_room_for(holds);
    make_durable(going_on(holds));
    for (auto* each : going_on(holds)) publish(*each);
    commit_rows(going_on(holds));
    for (auto& each : holds) answer(each);
}

// Those that had none have failed; the next may find some.
void hold_queue::make_room_for(const batch& holds) {
    const auto found_none = [](const waiting_hold& each) {
        return !each.result && is_disk_full(each.result.failure());
    };
    if (std::any_of(holds.begin(), holds.end(), found_none)) (void)journal_.make_room();
}

hold_queue::chosen_holds hold_queue::going_on(batch& holds) {
    chosen_holds chosen;
    for (auto& each : holds) {
        if (each.result) chosen.push_back(&each);
    }
    return chosen;
}

// The journal is for this thread: to wake another one takes as long as a disk's quick fsync. What
// is large waits for its own file and for its folder, each synced once: the first error is the last
// that would be told.
void hold_queue::make_durable(const chosen_holds& holds) {
    if (holds.empty()) return;
    std::map<std::string, outcome<nothing>> folders;
    for (auto* each : holds) {
        if (!is_large(each->mail)) continue;
        crew_.begin_wait([this, each] { each->synced = store_.sync_file(*each->staged); });
        const auto [folder, is_new] =
            folders.try_emplace(store_.folder_of(each->record.id), nothing{});
        if (!is_new) continue;
        crew_.begin_wait([this, each, result = &folder->second] {
            *result = store_.sync_folder(*each->staged);
        });
    }
    append(holds);
    crew_.finish();
    for (auto* each : holds) {
        if (!is_large(each->mail)) continue;
        keep_first(each->result, each->synced);
        keep_first(each->result, folders.at(store_.folder_of(each->record.id)));
    }
}

// What fails together may succeed alone: one bad mail must not keep the others out.
void hold_queue::append(const chosen_holds& holds) {
    const auto entry_of = [](const waiting_hold& hold) {
        return journal_entry{hold.record.id, hold.staged->head, hold.mail.view(),
                             !is_large(hold.mail)};
    };
    std::vector<journal_entry> entries;
    entries.reserve(holds.size());
    for (const auto* each : holds) entries.push_back(entry_of(*each));
    const auto appended = journal_.append(entries);
    if (appended) return;
    for (auto* each : holds) {
        each->result = holds.size() == 1 ? appended : journal_.append_alone(entry_of(*each));
    }
}

void hold_queue::publish(waiting_hold& hold) const {
    hold.result = store_.publish(*hold.staged);
    hold.is_published = static_cast<bool>(hold.result);
}

void hold_queue::commit_rows(const chosen_holds& holds) {
    if (holds.empty()) return;
    std::vector<index_change> changes;
    changes.reserve(holds.size());
    for (const auto* each : holds) changes.push_back(each->change);
    const auto committed = database_.commit(changes);
    if (committed) return;
    const int64_t until_ms = steady_now_ms() + alone_ms_max;
    for (auto* each : holds) {
        const bool is_tried = holds.size() > 1 && steady_now_ms() < until_ms;
        each->result = is_tried ? database_.commit({each->change}) : committed;
    }
}

// All that needs none of what the quarantine's thread owns.
void hold_queue::stage(waiting_hold& hold) const {
    hold.record.sha256.clear();  // an earlier version's, where recipients join
    hold.record.digest = digest_of(hold.mail.view());
    hold.staged = store_.stage(hold.record, hold.mail.view());
    if (!hold.staged) {
        hold.result = hold.staged.failure();
    } else if (hold.joins != 0) {
        hold.change = add_recipients{hold.joins, hold.request.recipients, hold.staged->file_bytes};
    } else {
        hold.change = row_of(hold.record, hold.mail.view(), hold.staged->file_bytes);
    }
}

// A file that the database was never told of goes; should that fail too, the next sweep takes it.
void hold_queue::answer(waiting_hold& hold) {
    const mail_id& id = hold.record.id;
    if (!hold.result) {
        if (hold.staged && !hold.is_published) store_.discard(*hold.staged);
        const auto row = held_mails(database_).find(id);
        if (hold.joins == 0 && row && !*row) (void)mail_files(store_, journal_).remove(id);
        hold.answer.deliver(to_caf(trouble_.failed(hold.result.failure())));
        return;
    }
    const hold_ticket& ticket = hold.request.ticket;
    events_.held(ticket.owner.account);
    log_.info(event::mail_quarantined, hold.request.queue_id, kv("email_id", id),
              kv("account", ticket.owner.account), kv("sender", ticket.sender),
              kv("recipients_count", hold.request.recipients.size()),
              kv("size_bytes", hold.mail.size()), kv("reasons", reasons_text(ticket.reasons)),
              kv("score", ticket.score), kv("judged_by", ticket.judged_by));
    hold.answer.deliver(mail_held{id});
}

}  // namespace ie
