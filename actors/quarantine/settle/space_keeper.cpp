#include "actors/quarantine/settle/space_keeper.hpp"

#include <algorithm>

namespace ie {
namespace {

constexpr int64_t day_ms = 24LL * 3600 * 1000;

}  // namespace

size_t count_to_evict(const std::vector<mail_row>& oldest_first, uint64_t excess_bytes) {
    uint64_t freed = 0;
    size_t count = 0;
    while (freed < excess_bytes && count + 1 < oldest_first.size()) {
        freed += oldest_first[count++].file_bytes;
    }
    return count;
}

void space_keeper::look_at(const account_name& account) {
    waiting_.insert(account.value);
    ask_for_step();
}

void space_keeper::look_at_all() {
    look_for_old_ = limits_.retention_days > 0;
    const auto spaces = account_ledger(database_).spaces();
    if (!spaces) {
        trouble_.failed(spaces.failure());
        return;
    }
    const auto policy = limits_.policy->get();
    for (const auto& each : *spaces) {
        if (each.held.bytes > policy->space_of(each.account).limit_bytes) {
            waiting_.insert(each.account.value);
        }
    }
    if (look_for_old_ || !waiting_.empty()) ask_for_step();
}

void space_keeper::ask_for_step() {
    if (!std::exchange(asked_, true)) step_due_();
}

void space_keeper::evict(const std::function<void()>& settle) {
    asked_ = false;
    if (!waiting_.empty()) {
        const account_name account{*waiting_.begin()};
        const bool is_full = excess_of(account) > 0;
        if (is_full) settle();
        if (!is_full || !evict_of(account)) waiting_.erase(account.value);
    } else if (look_for_old_) {
        settle();
        look_for_old_ = evict_old();
    }
    if (look_for_old_ || !waiting_.empty()) ask_for_step();
}

uint64_t space_keeper::excess_of(const account_name& account) {
    const auto space = account_ledger(database_).spaces(account);
    if (!space) trouble_.failed(space.failure());
    if (!space || space->empty()) return 0;
    const uint64_t limit = limits_.policy->get()->space_of(account).limit_bytes;
    return space->front().held.bytes - std::min(space->front().held.bytes, limit);
}

// True where there is more to do.
bool space_keeper::evict_of(const account_name& account) {
    const uint64_t excess_bytes = excess_of(account);
    if (excess_bytes == 0) return false;
    auto oldest = held_mails(database_).oldest_of(account, mails_at_once_max + 1);
    if (!oldest) {
        trouble_.failed(oldest.failure());
        return false;
    }
    oldest->resize(count_to_evict(*oldest, excess_bytes));
    return remove(*oldest, "no room");
}

bool space_keeper::evict_old() {
    const int64_t before_ms = limits_.clock->now_ms() - limits_.retention_days * day_ms;
    const auto old = held_mails(database_).received_before(before_ms, mails_at_once_max);
    if (old) return remove(*old, "too old");
    trouble_.failed(old.failure());
    return false;
}

// True where some went.
bool space_keeper::remove(const std::vector<mail_row>& rows, std::string_view why) {
    if (rows.empty()) return false;
    std::vector<index_change> changes;
    for (const auto& row : rows) {
        changes.push_back(set_release{
            row.number, {mail_state::removed, row.release.bound, {}}, limits_.clock->now_ms()});
    }
    if (const auto committed = database_.commit(changes); !committed) {
        trouble_.failed(committed.failure());
        return false;
    }
    for (const auto& row : rows) {
        const auto removed = files_.remove(row.id);
        if (!removed) trouble_.failed(removed.failure());
        log_.info(event::mail_evicted, row.queue_id, kv("email_id", row.id),
                  kv("account", row.ticket.owner.account), kv("size_bytes", row.size_bytes),
                  kv("reason", why));
    }
    return true;
}

}  // namespace ie
