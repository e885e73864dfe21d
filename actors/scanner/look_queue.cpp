#include "actors/scanner/look_queue.hpp"

#include <algorithm>

namespace ie {

std::optional<uint64_t> look_queue::put(const account_name& owner, uint64_t mail) {
    line& of_owner = lines_[owner];
    if (of_owner.waiting.empty()) turns_.push_back(owner);
    of_owner.waiting.push_back(mail);
    ++waiting_;
    if (waiting_ <= bounds_.waiting_max) return std::nullopt;
    return push_out();
}

std::optional<uint64_t> look_queue::begin_next() {
    const auto turn = std::find_if(turns_.begin(), turns_.end(), [&](const account_name& owner) {
        return lines_.at(owner).running < bounds_.running_of_one_max;
    });
    if (turn == turns_.end()) return std::nullopt;
    const account_name owner = std::move(*turn);
    turns_.erase(turn);
    line& of_owner = lines_.at(owner);
    const uint64_t mail = of_owner.waiting.front();
    of_owner.waiting.pop_front();
    ++of_owner.running;
    --waiting_;
    if (!of_owner.waiting.empty()) turns_.push_back(owner);
    return mail;
}

void look_queue::end(const account_name& owner) {
    line& of_owner = lines_.at(owner);
    --of_owner.running;
    if (of_owner.running == 0 && of_owner.waiting.empty()) lines_.erase(owner);
}

// Of those with as many, the one whose turn is last.
uint64_t look_queue::push_out() {
    const auto longest = std::max_element(
        turns_.rbegin(), turns_.rend(), [&](const account_name& left, const account_name& right) {
            return lines_.at(left).waiting.size() < lines_.at(right).waiting.size();
        });
    const auto at = lines_.find(*longest);
    const uint64_t mail = at->second.waiting.back();
    at->second.waiting.pop_back();
    --waiting_;
    if (at->second.waiting.empty()) {
        turns_.erase(std::prev(longest.base()));
        if (at->second.running == 0) lines_.erase(at);
    }
    return mail;
}

}  // namespace ie
