#include "actors/quarantine/store/store_sweep.hpp"

#include <unordered_map>

#include "actors/quarantine/store/mail_files.hpp"
#include "actors/quarantine/store/stored_row.hpp"
#include "messages/ids.hpp"

namespace ie {

void store_sweep::begin() {
    rebuilding_ = database_.is_new();
    if (database_.set_aside().empty()) return;
    log_.error(event::index_damaged, kv("set_aside", database_.set_aside()),
               kv("what", "quarantine.db is damaged; it is made anew from the message files"));
}

outcome<nothing> store_sweep::ready() const {
    if (!rebuilding_) return nothing{};
    return fail(error_code::unavailable,
                "quarantine.db is being made anew from the message files, " +
                    std::to_string(next_folder_ * 100 / mail_store::folder_count) +
                    " % are done; try again soon");
}

void store_sweep::step() {
    if (is_done()) return;
    if (unknown_.empty()) sweep_folder(next_folder_++);
    const auto begin = unknown_.size() > adopted_at_once_max ? unknown_.end() - adopted_at_once_max
                                                             : unknown_.begin();
    const std::vector<mail_id> some(begin, unknown_.end());
    unknown_.erase(begin, unknown_.end());
    if (const auto adopted = adopt(some); !adopted) trouble_.failed(adopted.failure());
    if (is_done()) end();
}

void store_sweep::end() {
    if (std::exchange(rebuilding_, false) && adopted_ > 0) {
        log_.warn(event::index_rebuilt, kv("mails", adopted_));
    }
    forget_settled();
}

void store_sweep::sweep_folder(size_t folder) {
    const auto names = store_.names_in(folder);
    const auto rows = held_mails(database_).ids_in(mail_store::folder_prefix(folder));
    if (!names || !rows) {
        trouble_.failed(names ? rows.failure() : names.failure());
        return;
    }
    leftovers_.insert(leftovers_.end(), names->staged.begin(), names->staged.end());
    remove_leftovers();
    compare(names->mails, *rows);
}

void store_sweep::remove_leftovers() {
    if (!journal_.is_settled()) return;
    std::erase_if(leftovers_, [this](const mail_id& id) {
        if (journal_.is_carried(id)) return false;
        log_.info(event::orphan_removed, kv("email_id", id));
        (void)store_.remove_staged(id);
        return true;
    });
}

void store_sweep::compare(const std::vector<mail_id>& files, const std::vector<known_mail>& rows) {
    std::unordered_map<std::string_view, const known_mail*> known;
    for (const auto& row : rows) known.emplace(row.id.value, &row);
    for (const auto& id : files) {
        const auto row = known.extract(id.value);
        if (row.empty()) {
            unknown_.push_back(id);
        } else if (!is_shown(row.mapped()->state)) {
            (void)mail_files(store_, journal_).remove(id);
        } else {
            compare_size(*row.mapped());
        }
    }
    for (const auto& [id, row] : known) {
        if (!is_shown(row->state) || may_come_back(row->id)) continue;
        trouble_.failed(
            fail(error_code::storage_failed, "mail " + row->id.value + " has lost its file"));
    }
}

// From the journal.
bool store_sweep::may_come_back(const mail_id& id) const {
    return !journal_.is_settled() || journal_.is_carried(id);
}

// An earlier version's rows don't say.
void store_sweep::compare_size(const known_mail& row) {
    if (row.file_bytes != 0) return;
    const auto bytes = store_.file_bytes(row.id);
    if (!bytes) return (void)trouble_.failed(bytes.failure());
    const auto set = database_.commit({set_file_bytes{row.number, *bytes}});
    if (!set) trouble_.failed(set.failure());
}

// What can't be read stays where it is and is reported; the others are taken in.
outcome<nothing> store_sweep::adopt(const std::vector<mail_id>& ids) {
    std::vector<index_change> changes;
    for (const auto& id : ids) {
        auto row = row_to_adopt(id);
        if (!row) {
            trouble_.failed(row.failure());
        } else if (*row) {
            changes.emplace_back(std::move(**row));
        }
    }
    return commit_adopted(changes);
}

outcome<nothing> store_sweep::take_in(const mail_id& asked) {
    const auto id = mail_id_of(asked.value);
    if (!id) return nothing{};  // no name of ours
    auto row = row_to_adopt(*id);
    if (!row) return row.failure();
    if (!*row) return nothing{};
    return commit_adopted({std::move(**row)});
}

// Nothing where the database knows the mail, or there is no file.
outcome<std::optional<add_mail>> store_sweep::row_to_adopt(const mail_id& id) {
    using row_or_none = std::optional<add_mail>;
    const auto bytes = store_.file_bytes(id);
    if (!bytes && bytes.failure().code == error_code::not_found) return row_or_none{};
    if (!bytes) return bytes.failure();
    const auto known = held_mails(database_).find_short(id);
    if (!known) return known.failure();
    if (*known) return row_or_none{};
    const auto stored = store_.read(id);
    if (!stored) return stored.failure();
    return row_or_none{row_of(stored->record, stored->mail.view(), *bytes)};
}

outcome<nothing> store_sweep::commit_adopted(const std::vector<index_change>& changes) {
    if (changes.empty()) return nothing{};
    auto committed = database_.commit(changes);
    if (!committed) return committed;
    adopted_ += changes.size();
    if (rebuilding_) return committed;  // told of at the end, with their number
    for (const auto& each : changes) {
        const auto& row = std::get<add_mail>(each).row;
        log_.warn(event::mail_adopted, row.queue_id, kv("email_id", row.id),
                  kv("account", row.ticket.owner.account));
    }
    return committed;
}

void store_sweep::forget_settled() {
    constexpr int64_t interval_ms = 3'600'000;
    const int64_t now_ms = clock_.now_ms();
    if (now_ms - forgotten_at_ms_ < interval_ms) return;
    const auto count =
        held_mails(database_).forget_settled(now_ms - settled_kept_ms, forgotten_at_once_max);
    if (!count) trouble_.failed(count.failure());
    if (!count || *count < forgotten_at_once_max) forgotten_at_ms_ = now_ms;
}

}  // namespace ie
