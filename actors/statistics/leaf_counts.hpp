// What is counted of a leaf of the senders' tree (an address or a script) in a stretch of time.
// What stands above a leaf has no counts of its own: it is the sum of the addresses below it. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ie {

// The values are those of statistics.db: append only.
enum class counter : uint8_t {
    messages,     // sent out
    recipients,   // of those
    quarantined,  // held
    spam,         // held for that reason; a mail may have several
    winexec,
    ratelimit,
    would_limit,  // sent out, and would have been held for its rate but for --dry-run
    bounces,      // sent out or held with the null sender
};
inline constexpr size_t counters = 8;

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
