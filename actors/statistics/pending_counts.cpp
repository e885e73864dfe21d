#include "actors/statistics/pending_counts.hpp"

#include <algorithm>

#include "actors/object_keys.hpp"

namespace ie {
namespace {

constexpr int64_t day_s = rollup_levels.back().period_s;
constexpr size_t sender_bytes_max = 320;
constexpr size_t rows_of_a_mail = 2;

int64_t second_of(const mail_judged& mail) {
    constexpr int64_t second_ms = 1'000;
    return period_start(mail.ticket.received_at_ms, second_ms) / second_ms;
}

bool has_keys(const object_keys& keys) {
    return !keys.account.none() && !keys.domain.none() && !keys.sender_address.none();
}

last_hold hold_of(const mail_judged& mail, int64_t at_s) {
    return {at_s, mail.ticket.reasons, mail.ticket.sender.substr(0, sender_bytes_max),
            mail.ticket.limits};
}

// Whom a mail is counted for; 0: nobody.
struct mail_leaves {
    uint32_t account = 0;
    uint32_t sender = 0;  // the address, or what above it has a number
    uint32_t script = 0;
    bool unnamed = false;
};

// An address for which its account has no room becomes its domain's `other`, one of such a domain
// the `other` of the account's `other`: as the rate limiter has them.
uint32_t number_sender(const mail_judged& mail, uint32_t account, object_names& objects) {
    const sender_objects& names = mail.ticket.owner;
    const object_keys& keys = mail.keys;
    const std::string& login = names.account.value;
    std::string_view domain_name = names.domain;
    std::string_view name = names.sender_address;
    object_key domain_id = keys.domain;
    object_key id = keys.sender_address;
    if (objects.find(domain_id) == 0 && has_own_name(domain_name) &&
        !objects.may_name(account, sender_kind::domain)) {
        domain_name = name = other_objects;
        domain_id = domain_key(login, domain_name);
        id = sender_key(login, domain_name, name);
    } else if (has_own_name(name) && !objects.may_name(account, sender_kind::sender_email)) {
        name = other_objects;
        id = sender_key(login, domain_name, name);
    }
    const uint32_t domain = objects.add({domain_id, sender_kind::domain, account, domain_name});
    const uint32_t sender = objects.add({id, sender_kind::sender_email, domain, name});
    if (sender != 0) return sender;
    return domain != 0 ? domain : account;
}

uint32_t number_script(const mail_judged& mail, uint32_t account, object_names& objects) {
    if (mail.keys.script.none()) return 0;
    if (const uint32_t known = objects.find(mail.keys.script); known != 0) return known;
    const sender_objects& names = mail.ticket.owner;
    if (!has_own_name(names.script) || objects.may_name(account, sender_kind::script)) {
        return objects.add({mail.keys.script, sender_kind::script, account, names.script});
    }
    return objects.add({script_key(names.account.value, other_objects), sender_kind::script,
                        account, other_objects});
}

mail_leaves number(const mail_judged& mail, object_names& objects) {
    mail_leaves out;
    const std::string& login = mail.ticket.owner.account.value;
    out.account = objects.add({mail.keys.account, sender_kind::account, 0, login});
    out.sender = objects.find(mail.keys.sender_address);
    if (out.sender == 0) {
        out.sender = number_sender(mail, out.account, objects);
        out.unnamed = objects.find(mail.keys.sender_address) == 0;
    }
    out.script = number_script(mail, out.account, objects);
    return out;
}

}  // namespace

leaf_counts counts_of(const mail_judged& mail) {
    leaf_counts out;
    const bool sent = mail.action == verdict_action::accept;
    const bool held = mail.action == verdict_action::hold;
    if (!sent && !held) return out;
    out[counter::bounces] = mail.ticket.sender.empty() ? 1 : 0;
    if (sent) {
        out[counter::messages] = 1;
        out[counter::recipients] = mail.recipient_count;
        out[counter::would_limit] = mail.would_limit ? 1 : 0;
        return out;
    }
    out[counter::quarantined] = 1;
    for (const hold_reason each : mail.ticket.reasons) out[counter_of(each)] = 1;
    return out;
}

void pending_counts::count(const mail_judged& mail, object_names& objects) {
    const int64_t at_s = second_of(mail);
    const bool held = mail.action == verdict_action::hold;
    daily_sums& day = daily_[{period_start(at_s, day_s) / day_s, mail_direction::outgoing,
                              mail.action, bits_of(mail.ticket.reasons)}];
    ++mails_;
    ++day.messages;
    day.recipients += mail.recipient_count;
    day.size_bytes += mail.size_bytes;
    const leaf_counts counts = counts_of(mail);
    if (counts.none() || !has_keys(mail.keys)) return;
    if (rows_.size() + rows_of_a_mail > rows_max_ && !make_room()) {
        ++lost_;
        return;
    }
    const mail_leaves leaves = number(mail, objects);
    if (leaves.sender == 0) {
        ++lost_;
        return;
    }
    if (leaves.unnamed) ++unnamed_;
    count_leaf(at_s, leaves.sender, counts);
    if (leaves.script != 0) count_leaf(at_s, leaves.script, counts);
    if (!held || leaves.account == 0) return;
    last_hold& last = last_holds_[leaves.account];
    if (last.held_at_s <= at_s) last = hold_of(mail, at_s);
}

void pending_counts::count_leaf(int64_t at_s, uint32_t object, const leaf_counts& counts) {
    rows_.push_back({period_start(at_s, step_s_), {object, counts}});
}

// False where even days take up nearly all the room: trying again with each mail would be dear.
bool pending_counts::make_room() {
    if (full_) return false;
    fold();
    for (const rollup_level& level : rollup_levels) {
        if (rows_.size() <= rows_max_ / 2) return true;
        if (level.period_s <= step_s_) continue;
        step_s_ = level.period_s;
        fold();
    }
    full_ = rows_.size() > rows_max_ - rows_max_ / 8;
    return !full_;
}

const std::vector<pending_row>& pending_counts::sorted_rows() {
    fold();
    return rows_;
}

void pending_counts::fold() {
    const auto place = [](const pending_row& row) { return std::pair(row.at_s, row.leaf.object); };
    for (pending_row& row : rows_) row.at_s = period_start(row.at_s, step_s_);
    std::sort(rows_.begin(), rows_.end(),
              [&](const pending_row& a, const pending_row& b) { return place(a) < place(b); });
    size_t kept = 0;
    for (const pending_row& row : rows_) {
        if (kept > 0 && place(rows_[kept - 1]) == place(row)) {
            rows_[kept - 1].leaf.counts += row.leaf.counts;
        } else {
            rows_[kept++] = row;
        }
    }
    rows_.resize(kept);
}

void pending_counts::renumber(const std::vector<uint32_t>& numbers) {
    const auto number_of = [&](uint32_t old) { return old < numbers.size() ? numbers[old] : 0; };
    for (pending_row& row : rows_) row.leaf.object = number_of(row.leaf.object);
    lost_ += std::erase_if(rows_, [](const pending_row& row) { return row.leaf.object == 0; });
    std::unordered_map<uint32_t, last_hold> holds;
    for (auto& [account, hold] : last_holds_) {
        if (const uint32_t number = number_of(account); number != 0)
            holds[number] = std::move(hold);
    }
    last_holds_ = std::move(holds);
}

void pending_counts::clear() {
    rows_.clear();
    daily_.clear();
    last_holds_.clear();
    step_s_ = 1;
    full_ = false;
    mails_ = 0;
}

}  // namespace ie
