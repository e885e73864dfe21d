// Finds a sender object's place by its key. Open addressing with linear probing; places are dense:
// the last object moves into the place of one that goes. Pure.
#pragma once

#include <optional>

#include "actors/rate_limiter/chunks.hpp"
#include "messages/sender_object.hpp"

namespace ie {

class object_table {
  public:
    static constexpr uint32_t none = UINT32_MAX;

    uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
    const object_key& key_at(uint32_t place) const { return keys_[place]; }

    // `none` where it isn't there.
    uint32_t find(const object_key& key) const;

    // Of a key that isn't there: places count up from 0.
    uint32_t add(const object_key& key);

    // The object in the last place, if it is another one, has this place afterwards.
    void remove(uint32_t place);

    // Brings what find() will look at into the cache.
    void prefetch(const object_key& key) const;

    void clear();

  private:
    // A part of the key and the place: most look-ups read one such entry and the key it is about.
    struct entry {
        uint32_t tag = 0;
        uint32_t place = none;
    };

    size_t home(const object_key& key) const { return key.low & mask_; }
    static uint32_t tag_of(const object_key& key) { return static_cast<uint32_t>(key.high >> 32); }
    size_t index_of(uint32_t place) const;
    void insert(const object_key& key, uint32_t place);
    void grow();

    chunks<object_key> keys_;
    std::vector<entry> index_;
    size_t mask_ = 0;
};

}  // namespace ie
