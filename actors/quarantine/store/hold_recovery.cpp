#include "actors/quarantine/store/hold_recovery.hpp"

#include "actors/journal/file_io.hpp"

namespace ie {

// Of a mail's files in the journal.
struct hold_recovery::journaled_file {
    entry_state entry = entry_state::torn;
    stored_record record{};
    mail_bytes mail{};
    uint64_t file_bytes = 0;
    bool is_staged = false;      // what was found of it is
    bool is_unreadable = false;  // it may have been whole
};

void hold_recovery::run() {
    polls_left_ = polls_between;
    if (const std::string what = std::exchange(unreadable_, {}); !what.empty()) {
        trouble_.failed(fail(error_code::storage_failed, what + "; mail in it may be lost"));
    }
    if (!journal_.is_settled()) {
        recover_all();
    } else if (journal_.carried_count() > 0) {
        recover_carried();
    }
}

void hold_recovery::run_if_due() {
    if (--polls_left_ <= 0) run();
}

void hold_recovery::recover_all() {
    const auto unsettled = journal_.unsettled();
    if (!unsettled) return (void)trouble_.failed(unsettled.failure());
    const counted count = recover(*unsettled);
    tell(count);
    auto settled = database_.write_anew();
    if (settled) settled = journal_.settle(count.waiting);
    tell_what_journal_lost();
    if (!settled) trouble_.failed(settled.failure());
}

void hold_recovery::recover_carried() {
    const auto carried = journal_.carried();
    if (!carried) return (void)trouble_.failed(carried.failure());
    const counted count = recover(*carried);
    for (const auto& id : count.settled) journal_.written_back(id);
    tell(count);
}

void hold_recovery::counted::add(const recovered_mail& mail) {
    written += mail.done == result::written ? 1 : 0;
    if (mail.done == result::waits) {
        waiting.push_back(*mail.mail);
    } else {
        settled.push_back(mail.mail->id);
    }
}

hold_recovery::counted hold_recovery::recover(
    const std::vector<hold_journal::unsettled_mail>& mails) {
    counted count;
    std::vector<recovered_mail> without_row;
    for (const auto& mail : mails) {
        auto recovered = recover(mail, count.why);
        if (!recovered.row) {
            count.add(recovered);
            continue;
        }
        without_row.push_back(std::move(recovered));
        if (without_row.size() >= rows_at_once_max) commit_rows(without_row, count);
    }
    commit_rows(without_row, count);
    return count;
}

// What fails together may succeed alone. A mail whose row can't be made waits, as one whose file
// can't be written.
void hold_recovery::commit_rows(std::vector<recovered_mail>& mails, counted& count) {
    std::vector<index_change> rows;
    rows.reserve(mails.size());
    for (auto& each : mails) rows.emplace_back(std::move(*each.row));
    const auto committed = sweep_.commit_adopted(rows);
    for (size_t i = 0; i < mails.size(); ++i) {
        auto done = committed;
        if (!committed && mails.size() > 1) done = sweep_.commit_adopted({std::move(rows[i])});
        const bool is_there =
            mails[i].done == result::written || mails[i].done == result::nothing_to_do;
        if (!done && is_there) {
            mails[i].done = result::waits;
            if (count.why.empty()) count.why = done.failure().what;
        }
        count.add(mails[i]);
    }
    mails.clear();
}

hold_recovery::recovered_mail hold_recovery::recover(const hold_journal::unsettled_mail& mail,
                                                     std::string& why) {
    recovered_mail recovered{&mail};
    const auto row = row_of_mail(mail.id);
    if (!row) {
        if (why.empty()) why = row.failure().what;
        recovered.done = result::waits;
        return recovered;
    }
    for (const auto& place : mail.files) {
        const result done = recover(place, *row, recovered, why);
        if (done != result::lost && done != result::dropped) {
            recovered.done = done;
            break;
        }
        if (recovered.done != result::lost) recovered.done = done;
    }
    if (recovered.done == result::waits) recovered.row.reset();
    return recovered;
}

hold_recovery::result hold_recovery::recover(const entry_place& place, row_state row,
                                             recovered_mail& mail, std::string& why) {
    const mail_id& id = mail.mail->id;
    journaled_file file = read_file(id, place);
    const auto found = look(id, file);
    auto done = found ? outcome<nothing>(nothing{}) : found.failure();
    recovery_step step = recovery_step::carry;
    if (found) {
        file.is_staged = *found == file_state::staged;
        recovery_case at{file.entry, *found, row, disk_state::ok};
        step = step_for(at);
        done = take(step, id, file);
        if (done && row == row_state::none) {
            auto missing = sweep_.row_to_adopt(id);
            if (missing) {
                mail.row = std::move(*missing);
            } else {
                done = missing.failure();
            }
        }
        if (!done) {
            at.disk = is_disk_full(done.failure()) ? disk_state::full : disk_state::failing;
            step = step_for(at);
        }
    }
    switch (step) {
        case recovery_step::leave:
            return result::nothing_to_do;
        case recovery_step::lose:
            tell_lost(id, place, row);
            return result::lost;
        case recovery_step::drop:
            if (!file.is_unreadable) return result::dropped;
            tell_lost(id, place, row);
            return result::lost;
        case recovery_step::carry:
            if (why.empty()) why = done.failure().what;
            return result::waits;
        case recovery_step::write:
        case recovery_step::name:
            break;
    }
    return *found == file_state::named ? result::nothing_to_do : result::written;
}

// A disk that is full gets what the journal has reserved, and is asked once more.
outcome<nothing> hold_recovery::take(recovery_step step, const mail_id& id,
                                     const journaled_file& file) {
    const auto write = [&] {
        return step == recovery_step::write ? store_.put(file.record, file.mail.view())
                                            : store_.write_again(id, file.is_staged);
    };
    if (step != recovery_step::write && step != recovery_step::name) return nothing{};
    auto written = write();
    if (!written && is_disk_full(written.failure()) && journal_.make_room()) {
        written = write();
    }
    return written;
}

outcome<row_state> hold_recovery::row_of_mail(const mail_id& id) {
    const auto row = held_mails(database_).find_short(id);
    if (!row) return row.failure();
    if (!*row) return row_state::none;
    return is_shown((*row)->release.state) ? row_state::held : row_state::settled;
}

hold_recovery::journaled_file hold_recovery::read_file(const mail_id& id,
                                                       const entry_place& place) const {
    journaled_file file;
    file.file_bytes = place.size_bytes();
    auto bytes = journal_.read(place);
    if (!bytes) bytes = journal_.read(place);  // a disk may err once
    if (!bytes) {
        trouble_.failed(bytes.failure());
        file.is_unreadable = true;
        return file;
    }
    if (place.has_mail) {
        auto stored = decode_stored_mail(*bytes);
        if (!stored || stored->record.id != id) return file;
        file.entry = entry_state::whole;
        file.record = std::move(stored->record);
        file.mail = std::move(stored->mail);
    } else {
        auto record = decode_stored_head(bytes->view());
        if (!record || record->id != id) return file;
        file.entry = entry_state::head;
        file.record = std::move(*record);
    }
    return file;
}

// Where it is written from the journal anyway, its size will do: thousands would have to be read.
outcome<file_state> hold_recovery::look(const mail_id& id, const journaled_file& file) const {
    if (file.entry != entry_state::whole) {
        return store_.look(id, file.entry == entry_state::head ? &file.record : nullptr);
    }
    const auto bytes = store_.file_bytes(id);
    if (bytes) return *bytes == file.file_bytes ? file_state::named : file_state::altered;
    if (bytes.failure().code == error_code::not_found) return file_state::absent;
    return bytes.failure();
}

void hold_recovery::tell_lost(const mail_id& id, const entry_place& place, row_state row) {
    tell_lost(id,
              place.has_mail ? "its entry in the journal is damaged, and its file isn't there"
                             : "its entry in the journal has no bytes, and its file isn't there",
              row);
}

void hold_recovery::tell_what_journal_lost() {
    for (const auto& id : journal_.take_lost()) {
        const auto row = row_of_mail(id);
        tell_lost(id,
                  "the disk doesn't give its entry in the journal, and it couldn't be written back",
                  row ? *row : row_state::none);
    }
}

void hold_recovery::tell_lost(const mail_id& id, const std::string& what, row_state row) {
    if (!told_.insert(id.value).second) return;
    trouble_.remember("mail " + id.value + ": " + what);
    log_.error(event::mail_lost, kv("email_id", id), kv("what", what),
               kv("listed", row == row_state::held));
}

void hold_recovery::tell(const counted& count) {
    if (count.written > 0) log_.warn(event::holds_recovered, kv("mails", count.written));
    if (count.waiting.empty()) return;
    trouble_.failed(
        fail(error_code::storage_failed,
             std::to_string(count.waiting.size()) +
                 " held mails are in the journal only, and can't be written back: " + count.why));
}

}  // namespace ie
