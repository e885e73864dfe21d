// Which blocks of counts make up a stretch of time: the largest that lie wholly inside, finer ones
// at its edges. Where the finer ones are gone the edge moves outward to where a period begins or
// ends. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ie {

struct rollup_level {
    std::string_view table;  // in statistics.db
    int64_t period_s;        // a multiple of the one before
};

// A level's blocks are made of those of the level before it, but for the first. Days are UTC's.
inline constexpr std::array<rollup_level, 4> rollup_levels{
    {{"seconds", 1}, {"minutes", 60}, {"hours", 3'600}, {"days", 86'400}}};
inline constexpr size_t levels = rollup_levels.size();

// The beginning of the period that holds `at_s`.
constexpr int64_t period_start(int64_t at_s, int64_t period_s) {
    const int64_t rest = at_s % period_s;
    return at_s - (rest < 0 ? rest + period_s : rest);
}

// From when until when a level's blocks hold everything that was counted. Unix time, both at
// periods' edges; of the first level, `made_until_s` has no meaning: it is always up to date.
struct level_marks {
    int64_t gone_until_s = 0;  // older blocks were dropped
    int64_t made_until_s = 0;  // later ones are still to be made from the level before

    bool operator==(const level_marks&) const = default;
};
using all_marks = std::array<level_marks, levels>;

// The blocks of a level that begin in [from_s, until_s).
struct block_range {
    size_t level = 0;
    int64_t from_s = 0;
    int64_t until_s = 0;

    bool operator==(const block_range&) const = default;
};

struct time_cover {
    std::vector<block_range> ranges;  // one after the other, without gap or overlap
    int64_t from_s = 0;               // what is really covered
    int64_t until_s = 0;
};

// Covers [from_s, until_s).
time_cover cover_of(int64_t from_s, int64_t until_s, const all_marks& marks);

}  // namespace ie
