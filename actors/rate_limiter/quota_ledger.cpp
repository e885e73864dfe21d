#include "actors/rate_limiter/quota_ledger.hpp"

#include <algorithm>

#include "actors/object_keys.hpp"

namespace ie {
namespace {

constexpr int64_t second_ms = 1'000;

std::array<const object_key*, sender_kinds> in_order(const object_keys& keys) {
    return {&keys.account, &keys.domain, &keys.sender_address, &keys.script};
}

const std::string& name_of_kind(const sender_objects& owner, size_t kind) {
    switch (static_cast<sender_kind>(kind)) {
        case sender_kind::account:
            return owner.account.value;
        case sender_kind::domain:
            return owner.domain;
        case sender_kind::sender_email:
            return owner.sender_address;
        default:
            return owner.script;
    }
}

}  // namespace

quota_ledger::quota_ledger(std::vector<window_rule> windows, name_bounds bounds)
    : rules_(std::move(windows)), bounds_(bounds) {
    for (const auto& rule : rules_) longest_span_ms_ = std::max(longest_span_ms_, rule.span_ms);
}

// After so long nothing counts any more; and no time that is kept may be too old for its 32 bits.
void quota_ledger::step_to(int64_t now_ms) {
    if (now_ms - last_ms_ > longest_span_ms_ + name_kept_ms) {
        table_.clear();
        more_windows_.clear();
        pool_.clear();
        account_indexes_.clear();
        accounts_.clear();
    }
    last_ms_ = now_ms;
}

uint32_t quota_ledger::bound_of(sender_kind kind) const {
    switch (kind) {
        case sender_kind::domain:
            return bounds_.domains;
        case sender_kind::sender_email:
            return bounds_.addresses;
        case sender_kind::script:
            return bounds_.scripts;
        default:
            return UINT32_MAX;
    }
}

uint32_t quota_ledger::account_index(const object_key& account) {
    const auto [found, is_new] =
        account_indexes_.try_emplace(account, static_cast<uint32_t>(accounts_.size()));
    if (is_new) accounts_.emplace_back();
    return found->second;
}

bool quota_ledger::may_be_named(uint32_t account, sender_kind kind, const object_key& key,
                                const limit_rules& rules) const {
    if (table_.find(key) != object_table::none) return true;
    if (accounts_[account][static_cast<size_t>(kind)] < bound_of(kind)) return true;
    return rules.has_own_limit && rules.has_own_limit(key);
}

// Where there is no name left an object becomes `other`; an address of such a domain, too.
void quota_ledger::name_objects(sender_objects& owner, object_keys& keys,
                                const limit_rules& rules) const {
    const uint32_t account = account_indexes_.at(keys.account);
    const std::string& login = owner.account.value;
    keys.domain = domain_key(login, owner.domain);
    if (has_own_name(owner.domain) &&
        !may_be_named(account, sender_kind::domain, keys.domain, rules)) {
        owner.domain = owner.sender_address = other_objects;
        keys.domain = domain_key(login, owner.domain);
    }
    keys.sender_address = sender_key(login, owner.domain, owner.sender_address);
    if (has_own_name(owner.sender_address) &&
        !may_be_named(account, sender_kind::sender_email, keys.sender_address, rules)) {
        owner.sender_address = other_objects;
        keys.sender_address = sender_key(login, owner.domain, owner.sender_address);
    }
    if (owner.script.empty()) return;
    keys.script = script_key(login, owner.script);
    if (has_own_name(owner.script) &&
        !may_be_named(account, sender_kind::script, keys.script, rules)) {
        owner.script = other_objects;
        keys.script = script_key(login, owner.script);
    }
}

uint32_t quota_ledger::add_object(const object_key& key, sender_kind kind, uint32_t account,
                                  bool named) {
    for (size_t number = 1; number < rules_.size(); ++number) more_windows_.push_back({});
    if (named) ++accounts_[account][static_cast<size_t>(kind)];
    return table_.add({key, {}, kind, named, account, 0});
}

// Those that aren't there yet are added. Without the names (`owner` null) every object counts as
// one that has its own.
quota_ledger::places quota_ledger::places_of(const object_keys& keys, const sender_objects* owner,
                                             int64_t now_ms) {
    const auto all = in_order(keys);
    for (const object_key* key : all) table_.prefetch_index(*key);
    for (const object_key* key : all) table_.prefetch_record(*key);
    places out{};
    for (size_t kind = 0; kind < sender_kinds; ++kind) {
        out[kind] = all[kind]->none() ? object_table::none : table_.find(*all[kind]);
    }
    for (size_t kind = 0; kind < sender_kinds; ++kind) {
        if (all[kind]->none()) continue;
        if (out[kind] == object_table::none) {
            const bool named = owner == nullptr || has_own_name(name_of_kind(*owner, kind));
            out[kind] = add_object(*all[kind], static_cast<sender_kind>(kind),
                                   account_index(keys.account), named);
        }
        table_[out[kind]].seen_s = static_cast<uint32_t>(now_ms / second_ms);
    }
    return out;
}

std::vector<limit_hit> quota_ledger::hits_of(const places& at, uint32_t recipients,
                                             const limit_rules& rules, int64_t now_ms) {
    std::vector<limit_hit> hits;
    const bool by_recipients = rules.mode == limit_mode::recipients;
    const uint64_t wanted = by_recipients ? recipients : 1;
    for (size_t kind = 0; kind < sender_kinds; ++kind) {
        if (at[kind] == object_table::none) continue;
        for (size_t number = 0; number < rules_.size(); ++number) {
            const uint32_t limit =
                rules.limit_of(number, static_cast<sender_kind>(kind), table_[at[kind]].key);
            if (limit == 0) continue;
            const auto sent = window(at[kind], number).count(rules_[number], now_ms, pool_);
            const uint64_t used = by_recipients ? sent.recipients : sent.messages;
            if (used + wanted <= limit) continue;
            hits.push_back({static_cast<sender_kind>(kind),
                            {},
                            limit,
                            used,
                            rules.mode,
                            static_cast<uint32_t>(rules_[number].span_ms / second_ms)});
        }
    }
    return hits;
}

void quota_ledger::add(const places& at, uint32_t recipients, int64_t now_ms) {
    for (const uint32_t place : at) {
        if (place == object_table::none) continue;
        for (size_t number = 0; number < rules_.size(); ++number) {
            auto& each = window(place, number);
            each.count(rules_[number], now_ms, pool_);
            each.add(rules_[number], now_ms, recipients, pool_);
        }
    }
}

std::vector<limit_hit> quota_ledger::charge(const places& at, uint32_t recipients,
                                            const limit_rules& rules, int64_t now_ms) {
    std::vector<limit_hit> hits;
    if (rules.limited) hits = hits_of(at, recipients, rules, now_ms);
    if (hits.empty()) add(at, recipients, now_ms);
    return hits;
}

std::vector<limit_hit> quota_ledger::charge(const object_keys& keys, uint32_t recipients,
                                            const limit_rules& rules, int64_t now_ms) {
    step_to(now_ms);
    return charge(places_of(keys, nullptr, now_ms), recipients, rules, now_ms);
}

quota_verdict quota_ledger::reserve(const reserve_quota& mail, const limit_rules& rules,
                                    int64_t now_ms) {
    step_to(now_ms);
    quota_verdict verdict;
    verdict.owner = mail.owner;
    verdict.keys.account = account_key(mail.owner.account.value);
    account_index(verdict.keys.account);
    name_objects(verdict.owner, verdict.keys, rules);
    places at = places_of(verdict.keys, &verdict.owner, now_ms);
    if (mail.whitelisted) return verdict;
    quota_reservation reservation{now_ms, mail.recipients, verdict.keys};
    if (mail.is_bounce) {
        reservation.keys = {verdict.keys.account, {}, {}, {}};
        for (size_t kind = 1; kind < sender_kinds; ++kind) at[kind] = object_table::none;
        add(at, mail.recipients, now_ms);
    } else {
        verdict.hits = charge(at, mail.recipients, rules, now_ms);
        for (auto& hit : verdict.hits) {
            hit.name = name_of_kind(verdict.owner, static_cast<size_t>(hit.kind));
        }
    }
    if (verdict.hits.empty()) verdict.reservation = reservation;
    return verdict;
}

void quota_ledger::count(const quota_reservation& reservation, int64_t now_ms) {
    step_to(now_ms);
    add(places_of(reservation.keys, nullptr, now_ms), reservation.recipients, now_ms);
}

void quota_ledger::give_back(const quota_reservation& reservation, int64_t now_ms) {
    step_to(now_ms);
    for (const object_key* key : in_order(reservation.keys)) {
        if (key->none()) continue;
        const uint32_t place = table_.find(*key);
        if (place == object_table::none) continue;
        for (size_t number = 0; number < rules_.size(); ++number) {
            window(place, number)
                .take_back(rules_[number], reservation.at_ms, reservation.recipients, now_ms,
                           pool_);
        }
    }
}

sent_counts quota_ledger::usage(const object_key& key, int64_t now_ms) {
    step_to(now_ms);
    const uint32_t place = table_.find(key);
    if (place == object_table::none) return {};
    return window(place, 0).count(rules_[0], now_ms, pool_);
}

sent_counts quota_ledger::forget(const object_key& key, int64_t now_ms) {
    const sent_counts before = usage(key, now_ms);
    const uint32_t place = table_.find(key);
    if (place == object_table::none) return before;
    for (size_t number = 0; number < rules_.size(); ++number) window(place, number).clear(pool_);
    return before;
}

void quota_ledger::drop(uint32_t place) {
    const object_record& gone = table_[place];
    if (gone.named) --accounts_[gone.account][static_cast<size_t>(gone.kind)];
    const uint32_t last = table_.size() - 1;
    for (size_t number = 0; number < rules_.size(); ++number) window(place, number).clear(pool_);
    for (size_t number = 1; number < rules_.size(); ++number) {
        std::swap(window(place, number), window(last, number));
    }
    table_.remove(place);
    for (size_t number = 1; number < rules_.size(); ++number) more_windows_.pop_back();
}

void quota_ledger::sweep(int64_t now_ms, size_t steps) {
    step_to(now_ms);
    for (; steps > 0 && table_.size() > 0; --steps) {
        if (sweep_at_ >= table_.size()) sweep_at_ = 0;
        const auto place = static_cast<uint32_t>(sweep_at_);
        const int64_t idle_ms = now_ms - table_[place].seen_s * second_ms;
        if (idle_ms > std::max(longest_span_ms_ + second_ms, name_kept_ms)) {
            drop(place);  // another object has its place now
        } else {
            ++sweep_at_;
        }
    }
}

void quota_ledger::prefetch(const object_keys& keys) const {
    for (const object_key* key : in_order(keys)) table_.prefetch_index(*key);
}

}  // namespace ie
