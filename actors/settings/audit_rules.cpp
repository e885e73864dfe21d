#include "actors/settings/audit_rules.hpp"

#include <limits>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int64_t minute_ms = 60'000;
constexpr uint32_t everybody_else = std::numeric_limits<uint32_t>::max();  // is nobody's uid

std::string bounded_text(const std::string& text) {
    constexpr std::string_view cut = "…";
    std::string out = valid_utf8(text);
    if (out.size() <= audit_text_bytes_max) return out;
    size_t end = audit_text_bytes_max - cut.size();
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
    return out.append(cut);
}

}  // namespace

audit_record begin_record(const caller& who, const std::string& login, int64_t now_s,
                          std::string_view action) {
    audit_record record;
    record.at_s = now_s;
    record.uid = who.uid;
    record.action = action;
    record.result = "done";
    record.who = !login.empty() ? login : "uid " + std::to_string(who.uid);
    if (!who.key_name.empty()) {
        record.who = who.key_name;
        record.by = entrance::network;
    }
    return record;
}

audit_record bounded(audit_record record) {
    for (auto* text : {&record.who, &record.action, &record.object, &record.before, &record.after,
                       &record.result}) {
        *text = bounded_text(*text);
    }
    return record;
}

refusal_budget::minute& refusal_budget::minute_of(uint32_t uid, int64_t now_ms) {
    if (!minutes_.contains(uid) && minutes_.size() >= uids_max) uid = everybody_else;
    minute& current = minutes_[uid];
    const bool is_over = now_ms - current.began_at_ms >= minute_ms || now_ms < current.began_at_ms;
    if (is_over && current.rest.count == 0) current = {now_ms, 0, {}};
    return current;
}

bool refusal_budget::admit(const request_refused& refused, int64_t now_ms) {
    minute& current = minute_of(refused.who.uid, now_ms);
    if (current.admitted < records_a_minute_max) {
        ++current.admitted;
        return true;
    }
    leave_out(refused, now_ms);
    return false;
}

void refusal_budget::leave_out(const request_refused& refused, int64_t now_ms) {
    unwritten& rest = minute_of(refused.who.uid, now_ms).rest;
    rest.last = refused;
    ++rest.count;
}

std::vector<refusal_budget::unwritten> refusal_budget::take_ended(int64_t now_ms) {
    std::vector<unwritten> ended;
    for (auto each = minutes_.begin(); each != minutes_.end();) {
        const int64_t age_ms = now_ms - each->second.began_at_ms;
        const bool goes_on = age_ms >= 0 && age_ms < minute_ms;
        if (goes_on) {
            ++each;
            continue;
        }
        if (each->second.rest.count > 0) ended.push_back(std::move(each->second.rest));
        each = minutes_.erase(each);
    }
    return ended;
}

std::vector<refusal_budget::unwritten> refusal_budget::take_all() {
    std::vector<unwritten> all;
    for (auto& [uid, current] : minutes_) {
        if (current.rest.count > 0) all.push_back(std::move(current.rest));
    }
    minutes_.clear();
    return all;
}

}  // namespace ie
