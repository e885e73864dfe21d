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
        if (each.tag == tag && records_[each.place].key == key) return each.place;
    }
}

uint32_t object_table::add(const object_record& record) {
    if (4 * (records_.size() + 1) > 3 * index_.size()) grow();
    const uint32_t place = size();
    records_.push_back(record);
    insert(record.key, place);
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
    for (uint32_t place = 0; place < records_.size(); ++place) insert(records_[place].key, place);
}

size_t object_table::index_of(uint32_t place) const {
    size_t at = home(records_[place].key);
    while (index_[at].place != place) at = (at + 1) & mask_;
    return at;
}

// Those behind the hole that would not be found over it any more move up.
void object_table::remove(uint32_t place) {
    size_t hole = index_of(place);
    for (size_t at = (hole + 1) & mask_; index_[at].place != none; at = (at + 1) & mask_) {
        const size_t from_home = (at - home(records_[index_[at].place].key)) & mask_;
        if (from_home < ((at - hole) & mask_)) continue;
        index_[hole] = index_[at];
        hole = at;
    }
    index_[hole] = {};
    const uint32_t last = size() - 1;
    if (place != last) {
        index_[index_of(last)].place = place;
        records_[place] = records_[last];
    }
    records_.pop_back();
}

void object_table::prefetch_index(const object_key& key) const {
    if (!index_.empty()) __builtin_prefetch(&index_[home(key)]);
}

void object_table::prefetch_record(const object_key& key) const {
    if (index_.empty()) return;
    const entry& first = index_[home(key)];
    if (first.place == none) return;
    const object_record& record = records_[first.place];
    __builtin_prefetch(&record.key, 1);
    __builtin_prefetch(&record.seen_s, 1);
}

void object_table::clear() {
    records_.clear();
    index_.clear();
    mask_ = 0;
}

}  // namespace ie
