#include "gateway/exim_hook/confirmed_releases.hpp"

namespace ie {

void confirmed_releases::remember(const mail_id& release, const queue_id& id, int64_t now_ms) {
    if (until_ms_.size() >= count_max) forget_old(now_ms);
    if (until_ms_.size() >= count_max) return;  // asking the engine again costs little
    until_ms_[{release, id}] = now_ms + kept_ms;
}

bool confirmed_releases::contains(const mail_id& release, const queue_id& id,
                                  int64_t now_ms) const {
    const auto found = until_ms_.find({release, id});
    return found != until_ms_.end() && now_ms < found->second;
}

void confirmed_releases::forget_old(int64_t now_ms) {
    std::erase_if(until_ms_, [&](const auto& each) { return each.second <= now_ms; });
}

}  // namespace ie
