// Finds a sender object's place by its key. Open addressing with linear probing; places are dense:
// the last object moves into the place of one that goes. Pure.
#pragma once

#include <optional>

#include "actors/rate_limiter/sliding_window.hpp"
#include "messages/sender_object.hpp"

namespace ie {

// What is known of an object. Its counts in the first window, the one that always is, lie beside
// its key: to fetch the one is to fetch the other.
struct object_record {
    object_key key;
    [[no_unique_address]] sliding_window window;  // what follows begins in its last, unused bytes
    sender_kind kind = sender_kind::account;
    bool named = false;    // counts against its account's bound of names
    uint32_t account = 0;  // a number for it
    uint32_t seen_s = 0;   // when it last sent, or tried to
};
static_assert(sizeof(object_record) == 80, "there are a million of them");

class object_table {
  public:
    static constexpr uint32_t none = UINT32_MAX;

    uint32_t size() const { return static_cast<uint32_t>(records_.size()); }
    object_record& operator[](uint32_t place) { return records_[place]; }
    const object_record& operator[](uint32_t place) const { return records_[place]; }

    // `none` where it isn't there.
    uint32_t find(const object_key& key) const;

    // Of a key that isn't there: places count up from 0.
    uint32_t add(const object_record& record);

    // The object in the last place, if it is another one, has this place afterwards.
    void remove(uint32_t place);

    // Bring what find() will look at into the cache: first the index of each key, then what the
    // index says of each.
    void prefetch_index(const object_key& key) const;
    void prefetch_record(const object_key& key) const;

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

    chunks<object_record> records_;
    std::vector<entry> index_;
    size_t mask_ = 0;
};

}  // namespace ie
