// Why a mail is held (seed, Quarantine: Reasons), and all that is known of each reason: the one
// place that lists them. What reads or counts by reason follows from the table: the wire's names,
// filters of held mail, switches of the settings and of `ie-cli filter-settings`, completions,
// columns of the catalog, counters of statistics. A new reason is a row at the end, and whoever
// finds it in a mail.
#pragma once

#include "messages/fields.hpp"

namespace ie {

// Values are the wire's and those of databases: append only.
enum class hold_reason : uint8_t { spam, winexec, ratelimit };

// What a reason is about: the mail itself, in which the scanner finds it, or how much is sent.
enum class reason_kind : uint8_t { content, rate };

struct hold_reason_row {
    hold_reason reason;
    std::string_view name;  // also of the switch for whether mail is held for it
    reason_kind kind;
    std::string_view switch_help;  // what the switch does, for ie-cli
};

// clang-format off
inline constexpr std::array hold_reason_table{
    hold_reason_row{hold_reason::spam,      "spam",      reason_kind::content, "quarantine outgoing spam"},
    hold_reason_row{hold_reason::winexec,   "winexec",   reason_kind::content, "quarantine mail with Windows executables"},
    hold_reason_row{hold_reason::ratelimit, "ratelimit", reason_kind::rate,    "apply sender limits"},
};
// clang-format on
inline constexpr size_t hold_reasons = hold_reason_table.size();

constexpr auto enum_names(hold_reason) {
    std::array<std::string_view, hold_reasons> names;
    for (size_t i = 0; i < hold_reasons; ++i) names[i] = hold_reason_table[i].name;
    return names;
}

// Any of them, as bits: bit n is reason n, as databases keep them.
struct reason_set {
    uint32_t bits = 0;

    static constexpr auto fields() { return std::tuple{field{"bits", &reason_set::bits}}; }

    static constexpr reason_set all() { return {(uint32_t{1} << hold_reasons) - 1}; }
    static constexpr reason_set only(hold_reason reason) {
        return {uint32_t{1} << static_cast<unsigned>(reason)};
    }
    constexpr bool has(hold_reason reason) const { return (bits & only(reason).bits) != 0; }
    constexpr bool none() const { return bits == 0; }
    constexpr void set(hold_reason reason, bool on) {
        bits = on ? bits | only(reason).bits : bits & ~only(reason).bits;
    }
    // Those of a kind.
    constexpr reason_set of(reason_kind kind) const {
        reason_set out;
        for (const auto& row : hold_reason_table) {
            if (row.kind == kind && has(row.reason)) out.set(row.reason, true);
        }
        return out;
    }
};

// As databases keep them. Bits that are no reason of ours are passed over.
uint32_t bits_of(const std::vector<hold_reason>& reasons);
std::vector<hold_reason> reasons_of(uint32_t bits);

// "spam,ratelimit", for logs and refusals; "none".
std::string reasons_text(const std::vector<hold_reason>& reasons);

// The names of all, with these words between them, and before the last of them.
std::string all_reason_names(std::string_view between, std::string_view before_last);

static_assert(
    [] {
        for (size_t i = 0; i < hold_reasons; ++i) {
            if (hold_reason_table[i].reason != static_cast<hold_reason>(i)) return false;
        }
        return true;
    }(),
    "row n tells of reason n");
static_assert(hold_reasons < 32, "a set of them is 32 bits");

}  // namespace ie
