// What is counted of a leaf of the senders' tree (an address or a script) in a stretch of time.
// What stands above a leaf has no counts of its own: it is the sum of the addresses below it. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "messages/hold_reason.hpp"

namespace ie {

// The values are those of statistics.db. Between and behind these stand the hold reasons'.
enum class counter : uint8_t {
    messages,         // sent out
    recipients,       // of those
    quarantined,      // held
    would_limit = 6,  // sent out, and would have been held for its rate but for --dry-run
    bounces,          // sent out or held with the null sender
};
inline constexpr size_t counters = 5 + hold_reasons;

// Held for that reason; a mail may have several. The first three reasons have a place between the
// others, later ones follow in their order.
constexpr counter counter_of(hold_reason reason) {
    constexpr size_t first_at = 3;
    constexpr size_t first_reasons = 3;
    constexpr size_t later_at = 8;
    const auto number = static_cast<size_t>(reason);
    return static_cast<counter>(number < first_reasons ? first_at + number
                                                       : later_at + number - first_reasons);
}

struct leaf_counts {
    std::array<uint64_t, counters> values{};

    uint64_t& operator[](counter which) { return values[static_cast<size_t>(which)]; }
    uint64_t operator[](counter which) const { return values[static_cast<size_t>(which)]; }
    leaf_counts& operator+=(const leaf_counts& other) {
        for (size_t i = 0; i < counters; ++i) values[i] += other.values[i];
        return *this;
    }
    bool none() const { return *this == leaf_counts{}; }
    bool operator==(const leaf_counts&) const = default;
};

// One leaf in one period.
struct block_row {
    uint32_t object = 0;  // its number in statistics.db, from 1
    leaf_counts counts;

    bool operator==(const block_row&) const = default;
};

// A whole period's rows, in the order of their objects, each object once.
using block_rows = std::vector<block_row>;

}  // namespace ie
