#include "actors/statistics/object_names.hpp"

#include <algorithm>

namespace ie {
namespace {

constexpr size_t name_bytes_max = 0xFFFF;
constexpr size_t slots_at_first = 64;  // a power of two

}  // namespace

uint32_t object_names::add(const sender_object& object) {
    if (const uint32_t known = find(object.key); known != 0) return known;
    if (size() >= bounds_.objects || !fits(object)) return 0;
    if ((rows_.size() + 1) * 2 > slots_.size()) grow();
    const std::string_view name = object.name.substr(0, name_bytes_max);
    rows_.push_back({object.key, names_.size(), object.parent, static_cast<uint16_t>(name.size()),
                     object.kind});
    names_ += name;
    slots_[slot_of(object.key)] = size();
    if (object.kind != sender_kind::account) {
        children& taken = accounts_[account_of(size())];
        ++(object.kind == sender_kind::domain ? taken.domains : taken.leaves);
    }
    return size();
}

std::vector<uint32_t> object_names::add_all(const object_names& others) {
    std::vector<uint32_t> numbers(others.size() + 1, 0);
    for (uint32_t number = 1; number <= others.size(); ++number) {
        sender_object object = others[number];
        object.parent = numbers[object.parent];
        numbers[number] = add(object);
    }
    return numbers;
}

bool object_names::may_name(uint32_t account, sender_kind kind) const {
    if (size() >= bounds_.objects) return false;
    const auto found = accounts_.find(account);
    const children taken = found == accounts_.end() ? children{} : found->second;
    if (kind == sender_kind::domain) return taken.domains < bounds_.domains_of_account;
    const uint32_t free = bounds_.objects - size();
    return taken.leaves < std::max(bounds_.leaves_of_account, free / bounds_.shares);
}

uint32_t object_names::find(const object_key& key) const {
    return slots_.empty() ? 0 : slots_[slot_of(key)];
}

sender_object object_names::operator[](uint32_t number) const {
    const row& found = rows_[number - 1];
    const auto name = std::string_view(names_).substr(found.name_at, found.name_bytes);
    return {found.key, found.kind, found.parent, name};
}

uint32_t object_names::account_of(uint32_t number) const {
    while (rows_[number - 1].parent != 0) number = rows_[number - 1].parent;
    return number;
}

known_object object_names::describe(uint32_t number) const {
    const sender_object object = (*this)[number];
    const std::string_view account = (*this)[account_of(number)].name;
    return {to_id(object.key), object.kind, account_name{std::string(account)},
            std::string(object.name)};
}

bool object_names::fits(const sender_object& object) const {
    if (object.kind == sender_kind::account) return object.parent == 0;
    if (object.parent == 0 || object.parent > size()) return false;
    const auto above =
        object.kind == sender_kind::sender_email ? sender_kind::domain : sender_kind::account;
    return rows_[object.parent - 1].kind == above;
}

// Where the key is, or would be put.
size_t object_names::slot_of(const object_key& key) const {
    const size_t mask = slots_.size() - 1;
    size_t slot = (key.high ^ key.low) & mask;
    while (slots_[slot] != 0 && rows_[slots_[slot] - 1].key != key) slot = (slot + 1) & mask;
    return slot;
}

void object_names::grow() {
    slots_.assign(slots_.empty() ? slots_at_first : slots_.size() * 2, 0);
    for (uint32_t number = 1; number <= size(); ++number) {
        slots_[slot_of(rows_[number - 1].key)] = number;
    }
}

}  // namespace ie
