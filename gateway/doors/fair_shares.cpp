#include "gateway/doors/fair_shares.hpp"

#include <algorithm>

#include "config/log.hpp"

namespace ie {

fair_shares::room fair_shares::room_for(uint32_t user, uint64_t amount) const {
    const uint64_t own = used_by(user);
    if (own > 0 && own + amount > bounds_.each_max) return room::share_used;
    if (used_ + amount <= bounds_.all_max || used_ == 0) return room::there;
    return used_by(greediest()) > own + amount ? room::greediest : room::all_taken;
}

// Of several with the same, the one with the highest uid: subordinate ones stand high.
uint32_t fair_shares::greediest() const {
    const auto most =
        std::max_element(by_user_.begin(), by_user_.end(), [](const auto& left, const auto& right) {
            return std::pair(left.second, left.first) < std::pair(right.second, right.first);
        });
    return most == by_user_.end() ? 0 : most->first;
}

void fair_shares::take(uint32_t user, uint64_t amount) {
    if (amount == 0) return;
    by_user_[user] += amount;
    used_ += amount;
}

void fair_shares::give_back(uint32_t user, uint64_t amount) {
    if (amount == 0) return;
    const auto found = by_user_.find(user);
    ensure(found != by_user_.end() && found->second >= amount, "more given back than was taken");
    found->second -= amount;
    if (found->second == 0) by_user_.erase(found);
    used_ -= amount;
}

uint64_t fair_shares::used_by(uint32_t user) const {
    const auto found = by_user_.find(user);
    return found == by_user_.end() ? 0 : found->second;
}

}  // namespace ie
