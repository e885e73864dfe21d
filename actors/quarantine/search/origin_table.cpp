#include "actors/quarantine/search/origin_table.hpp"

#include <cstring>

#include "actors/sha256.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// Not one that could be forged: a sender must not be able to pass for another.
object_key key_of(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const auto name : names) {
        const uint64_t size = name.size();
        text.append(reinterpret_cast<const char*>(&size), sizeof size).append(name);
    }
    const auto digest = sha256(text);
    object_key key;
    std::memcpy(&key, digest.data(), sizeof key);
    return key;
}

}  // namespace

outcome<origin_table> origin_table::open(const std::string& folder) {
    auto senders = text_column::open(folder);
    if (!senders) return senders.failure();
    auto scripts = text_column::open(folder);
    if (!scripts) return scripts.failure();
    return origin_table(std::move(*senders), std::move(*scripts));
}

outcome<uint32_t> origin_table::number_of(const mail_row& row) {
    const auto& owner = row.ticket.owner;
    const auto key = key_of(
        {to_lower(owner.account.value), row.ticket.sender, owner.script, row.script_header.raw});
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    if (const auto room = senders_.make_room(); !room) return room.failure();
    if (const auto room = scripts_.make_room(); !room) return room.failure();
    const auto number = static_cast<uint32_t>(size());
    accounts_.push_back(account_number(owner.account.value));
    senders_.add_part(row.ticket.sender);
    senders_.end_text();
    scripts_.add_part(owner.script);
    scripts_.add_part(row.script_header.raw);
    scripts_.end_text();
    if (known_.size() >= known_max) known_.clear();  // those that still send will be back
    known_.emplace(key, number);
    return number;
}

uint32_t origin_table::account_number(const std::string& account) {
    const auto next = static_cast<uint32_t>(account_numbers_.size());
    return account_numbers_.emplace(to_lower(account), next).first->second;
}

bool origin_table::asks_for_origin(const mail_query& query) {
    return !query.account.empty() || !query.filter.sender.empty() || !query.filter.script.empty();
}

row_set origin_table::of_account(const account_name& account) const {
    if (account.empty()) return row_set(size(), true);
    row_set origins(size(), false);
    const auto found = account_numbers_.find(to_lower(account.value));
    if (found == account_numbers_.end()) return origins;
    for (size_t i = 0; i < accounts_.size(); ++i) origins.set(i, accounts_[i] == found->second);
    return origins;
}

outcome<row_set> origin_table::matching(const mail_query& query) const {
    row_set origins = of_account(query.account);
    if (!query.filter.sender.empty()) {
        const auto kept = senders_.keep_containing(query.filter.sender, origins);
        if (!kept) return kept.failure();
    }
    if (!query.filter.script.empty()) {
        const auto kept = scripts_.keep_containing(query.filter.script, origins);
        if (!kept) return kept.failure();
    }
    return origins;
}

outcome<origin_table> origin_table::copy_of(const row_set& origins) const {
    auto senders = senders_.copy_of(origins);
    if (!senders) return senders.failure();
    auto scripts = scripts_.copy_of(origins);
    if (!scripts) return scripts.failure();
    origin_table copy(std::move(*senders), std::move(*scripts));
    copy.account_numbers_ = account_numbers_;
    std::vector<uint32_t> new_numbers(size());
    for (size_t i = 0; i < size(); ++i) {
        new_numbers[i] = static_cast<uint32_t>(copy.accounts_.size());
        if (origins.contains(i)) copy.accounts_.push_back(accounts_[i]);
    }
    for (const auto& [key, number] : known_) {
        if (origins.contains(number)) copy.known_.emplace(key, new_numbers[number]);
    }
    return copy;
}

}  // namespace ie
