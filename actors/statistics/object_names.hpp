// The sender objects that were ever counted, by number and by key: the tree's shape and names. A
// number is given at first sight, from 1, and stays; an object's parent has a lower one than
// itself. About 70 bytes an object and its name, and so many objects at most. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/limits.hpp"

namespace ie {

struct sender_object {
    object_key key;
    sender_kind kind = sender_kind::account;
    uint32_t parent = 0;    // an account's: 0
    std::string_view name;  // until the table's next add()
};

class object_names {
  public:
    static constexpr uint32_t objects_max_default = 1'000'000;  // (lower: older files don't open)

    explicit object_names(uint32_t objects_max = objects_max_default) : objects_max_(objects_max) {}

    // The object's number, given now if it has none; 0 where the table is full, or the parent isn't
    // one for its kind.
    uint32_t add(const sender_object& object);
    uint32_t find(const object_key& key) const;  // 0: not there

    uint32_t size() const { return static_cast<uint32_t>(rows_.size()); }  // also the last number
    sender_object operator[](uint32_t number) const;
    uint32_t account_of(uint32_t number) const;
    known_object describe(uint32_t number) const;

  private:
    struct row {
        object_key key;
        uint64_t name_at = 0;
        uint32_t parent = 0;
        uint16_t name_bytes = 0;
        sender_kind kind = sender_kind::account;
    };
    bool fits(const sender_object& object) const;
    size_t slot_of(const object_key& key) const;
    void grow();

    uint32_t objects_max_;
    std::vector<row> rows_;  // by number - 1
    std::string names_;
    std::vector<uint32_t> slots_;  // open addressing by key: numbers, 0 is free
};

}  // namespace ie
