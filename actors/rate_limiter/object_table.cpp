#include "actors/rate_limiter/object_table.hpp"

namespace ie {
namespace {

constexpr size_t index_size_first = 1'024;  // a power of two, as every size after it

}  // namespace

uint32_t object_table::find(const object_key& key) const {
    if (index_.empty()) return none;
    const uint32_t tag = tag_of(key);
    for (size_t at = home(key);; at = (at + 1) & mask_) {
        const entry& each = index_[at];
        if (each.place == none) return none;
        if (each.tag == tag && keys_[each.place] == key) return each.place;
    }
}

uint32_t object_table::add(const object_key& key) {
    if (4 * (keys_.size() + 1) > 3 * index_.size()) grow();
    const uint32_t place = size();
    keys_.push_back(key);
    insert(key, place);
    return place;
}

void object_table::insert(const object_key& key, uint32_t place) {
    size_t at = home(key);
    while (index_[at].place != none) at = (at + 1) & mask_;
    index_[at] = {tag_of(key), place};
}

void object_table::grow() {
    const size_t size = index_.empty() ? index_size_first : 2 * index_.size();
    index_.assign(size, {});
    mask_ = size - 1;
    for (uint32_t place = 0; place < keys_.size(); ++place) insert(keys_[place], place);
}

size_t object_table::index_of(uint32_t place) const {
    size_t at = home(keys_[place]);
    while (index_[at].place != place) at = (at + 1) & mask_;
    return at;
}

// Those behind the hole that would not be found over it any more move up.
void object_table::remove(uint32_t place) {
    size_t hole = index_of(place);
    for (size_t at = (hole + 1) & mask_; index_[at].place != none; at = (at + 1) & mask_) {
        const size_t from_home = (at - home(keys_[index_[at].place])) & mask_;
        if (from_home < ((at - hole) & mask_)) continue;
        index_[hole] = index_[at];
        hole = at;
    }
    index_[hole] = {};
    const uint32_t last = size() - 1;
    if (place != last) {
        index_[index_of(last)].place = place;
        keys_[place] = keys_[last];
    }
    keys_.pop_back();
}

void object_table::prefetch(const object_key& key) const {
    if (!index_.empty()) __builtin_prefetch(&index_[home(key)]);
}

void object_table::clear() {
    keys_.clear();
    index_.clear();
    mask_ = 0;
}

}  // namespace ie
