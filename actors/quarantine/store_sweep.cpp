#include "actors/quarantine/store_sweep.hpp"

#include <unordered_map>

namespace ie {

void store_sweep::begin() {
    rebuilding_ = context_.index.is_new();
    if (context_.index.set_aside().empty()) return;
    context_.log.error(
        event::index_damaged, kv("set_aside", context_.index.set_aside()),
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
    if (const auto adopted = adopt(some); !adopted) context_.failed(adopted.failure());
    if (is_done()) end();
}

void store_sweep::end() {
    if (std::exchange(rebuilding_, false) && found_.adopted > 0) {
        context_.log.warn(event::index_rebuilt, kv("mails", found_.adopted));
    }
    forget_settled();
}

void store_sweep::sweep_folder(size_t folder) {
    const auto names = context_.store.names_in(folder);
    const auto rows = context_.index.ids_in(mail_store::folder_prefix(folder));
    if (!names || !rows) {
        context_.failed(names ? rows.failure() : names.failure());
        return;
    }
    for (const auto& path : names->temporary) {
        context_.log.info(event::orphan_removed, kv("path", path));
        (void)context_.store.remove_path(path);
        ++found_.temporary;
    }
    compare(names->mails, *rows);
}

void store_sweep::compare(const std::vector<mail_id>& files, const std::vector<known_mail>& rows) {
    std::unordered_map<std::string_view, const known_mail*> known;
    for (const auto& row : rows) known.emplace(row.id.value, &row);
    for (const auto& id : files) {
        const auto row = known.extract(id.value);
        if (row.empty()) {
            unknown_.push_back(id);
        } else if (!is_shown(row.mapped()->state)) {
            (void)context_.store.remove(id);
        } else {
            compare_size(*row.mapped());
        }
    }
    for (const auto& [id, row] : known) {
        if (!is_shown(row->state)) continue;
        ++found_.lost;
        context_.failed(
            fail(error_code::storage_failed, "mail " + row->id.value + " has lost its file"));
    }
}

// An earlier version's rows don't say.
void store_sweep::compare_size(const known_mail& row) {
    if (row.file_bytes != 0) return;
    const auto bytes = context_.store.file_bytes(row.id);
    if (!bytes) return (void)context_.failed(bytes.failure());
    const auto set = context_.commit({set_file_bytes{row.number, *bytes}});
    if (!set) context_.failed(set.failure());
}

outcome<nothing> store_sweep::adopt(const std::vector<mail_id>& ids) {
    std::vector<index_change> changes;
    for (const auto& id : ids) {
        const auto row = context_.index.find(id);
        if (!row) return row.failure();
        if (*row) continue;  // Exim has handed it in again meanwhile
        const auto stored = context_.store.read(id);
        if (!stored) {
            if (stored.failure().code != error_code::not_found) context_.failed(stored.failure());
            continue;
        }
        const auto bytes = context_.store.file_bytes(id);
        if (!bytes) return bytes.failure();
        changes.push_back(row_of(stored->record, stored->mail.view(), *bytes));
        if (!rebuilding_) context_.log.warn(event::mail_adopted, kv("email_id", id));
    }
    if (changes.empty()) return nothing{};
    const auto committed = context_.commit(changes);
    if (committed) found_.adopted += changes.size();
    return committed;
}

void store_sweep::forget_settled() {
    constexpr int64_t interval_ms = 3'600'000;
    const int64_t now_ms = context_.now_ms();
    if (now_ms - forgotten_at_ms_ < interval_ms) return;
    const auto count =
        context_.index.forget_settled(now_ms - settled_kept_ms, forgotten_at_once_max);
    if (!count) context_.failed(count.failure());
    if (!count || *count < forgotten_at_once_max) forgotten_at_ms_ = now_ms;
}

}  // namespace ie
