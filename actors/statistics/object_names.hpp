// The sender objects that counts are kept of, by number and by key: the tree's shape and names. A
// number is given at first sight, from 1; an object's parent has a lower one than itself. About 70
// bytes an object and its name, and so many objects at most. No account takes up the others' room:
// of what is free it may have a part, so that whoever comes next finds a part of the rest. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "messages/limits.hpp"

namespace ie {

struct sender_object {
    object_key key;
    sender_kind kind = sender_kind::account;
    uint32_t parent = 0;    // an account's: 0
    std::string_view name;  // until the table's next add()
};

struct object_bounds {
    uint32_t objects = 1'000'000;         // (lower: older files don't open)
    uint32_t domains_of_account = 1'000;  // with names of their own
    // An account's addresses and scripts: so many in any case, and more while they are fewer than
    // the objects that there is still room for, divided by `shares`.
    uint32_t leaves_of_account = 100;
    uint32_t shares = 50;
};

class object_names {
  public:
    explicit object_names(const object_bounds& bounds = {}) : bounds_(bounds) {}

    // The object's number, given now if it has none; 0 where the table is full, or the parent isn't
    // one for its kind.
    uint32_t add(const sender_object& object);
    uint32_t find(const object_key& key) const;  // 0: not there

    // Adds all of another table's, and gives their numbers here by those that they have there; 0:
    // no room.
    std::vector<uint32_t> add_all(const object_names& others);

    // Whether one more of that kind may have a name of its own in the account of that number.
    bool may_name(uint32_t account, sender_kind kind) const;

    const object_bounds& bounds() const { return bounds_; }
    bool crowded() const { return size() > bounds_.objects / 2; }

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
    struct children {
        uint32_t domains = 0;
        uint32_t leaves = 0;  // addresses and scripts
    };
    bool fits(const sender_object& object) const;
    size_t slot_of(const object_key& key) const;
    void grow();

    object_bounds bounds_;
    std::vector<row> rows_;  // by number - 1
    std::string names_;
    std::unordered_map<uint32_t, children> accounts_;  // by number
    std::vector<uint32_t> slots_;                      // open addressing by key: numbers, 0 is free
};

}  // namespace ie
