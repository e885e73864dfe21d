#include "actors/quarantine/settle/release_allowance.hpp"

#include <algorithm>

namespace ie {

outcome<nothing> keep_allowance(const account_ledger& ledger, const account_name& account,
                                uint32_t limit, int64_t now_ms, chosen_mails& chosen) {
    const auto used = ledger.releases_since(account, now_ms - allowance_window_ms, now_ms);
    if (!used) return used.failure();
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
    const auto first = taken < limit ? ledger.release_before(account, limit - taken - 1)
                                     : outcome<int64_t>(now_ms);
    if (!first) return first.failure();
    const error why = no_release_left(account, limit, *first);
    for (auto& id : beyond) chosen.reply.failed.push_back({std::move(id), why});
    return nothing{};
}

}  // namespace ie
