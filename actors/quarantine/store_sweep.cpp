#include "actors/quarantine/store_sweep.hpp"

#include <unordered_map>

namespace ie {

void store_sweep::step() {
    if (is_done()) return;
    sweep_folder(next_folder_++);
    if (!is_done()) return;
    remove_orphans();
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
        context_.log.warn(event::orphan_removed, kv("path", path));
        (void)context_.store.remove_path(path);
    }
    std::unordered_map<mail_id, mail_state> known(rows->begin(), rows->end());
    for (const auto& id : names->mails) {
        const auto row = known.find(id);
        if (row == known.end()) {
            orphans_.push_back(id);
        } else if (!is_shown(row->second)) {
            (void)context_.store.remove(id);
        }
        if (row != known.end()) known.erase(row);
    }
    for (const auto& [id, state] : known) {
        if (!is_shown(state)) continue;
        context_.failed(
            fail(error_code::storage_failed, "mail " + id.value + " has lost its file"));
    }
}

void store_sweep::remove_orphans() {
    if (orphans_.empty()) return;
    if (context_.index.is_new() || orphans_.size() > orphans_max) {
        context_.failed(fail(error_code::storage_failed, "quarantine.db doesn't know " +
                                                             std::to_string(orphans_.size()) +
                                                             " files of held mail; they are kept"));
        return;
    }
    for (const auto& id : orphans_) {
        // Exim may have handed it in again since its folder was looked at.
        const auto row = context_.index.find(id);
        if (!row || *row) continue;
        context_.log.warn(event::orphan_removed, kv("email_id", id));
        (void)context_.store.remove(id);
    }
    orphans_.clear();
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
