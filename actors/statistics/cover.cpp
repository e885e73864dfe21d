#include "actors/statistics/cover.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace ie {
namespace {

constexpr int64_t end_of_time = std::numeric_limits<int64_t>::max() / 2;

int64_t made_until(const all_marks& marks, size_t level) {
    return level == 0 ? end_of_time : marks[level].made_until_s;
}

int64_t period_end(int64_t at_s, int64_t period_s) {
    return period_start(at_s + period_s - 1, period_s);
}

// Whether the level has a whole block that begins at `at_s`.
bool has_block(const all_marks& marks, size_t level, int64_t at_s) {
    const int64_t period_s = rollup_levels[level].period_s;
    return at_s == period_start(at_s, period_s) && at_s >= marks[level].gone_until_s &&
           at_s + period_s <= made_until(marks, level);
}

// Where the cover begins: at `from_s`, at the beginning of the shortest period around it that is
// still there, or, where none is, with the oldest that is.
int64_t first_edge(int64_t from_s, const all_marks& marks) {
    int64_t oldest = end_of_time;
    for (size_t level = 0; level < levels; ++level) {
        const int64_t period_s = rollup_levels[level].period_s;
        const int64_t start = period_start(from_s, period_s);
        if (has_block(marks, level, start)) return start;
        oldest = std::min(oldest, period_end(marks[level].gone_until_s, period_s));
    }
    return std::max(oldest, from_s);
}

// The level of the largest block that begins at `at_s` and ends by `until_s`; of the smallest one
// that begins there if all end later.
std::optional<size_t> level_at(int64_t at_s, int64_t until_s, const all_marks& marks) {
    std::optional<size_t> smallest;
    for (size_t level = levels; level-- > 0;) {
        if (!has_block(marks, level, at_s)) continue;
        if (at_s + rollup_levels[level].period_s <= until_s) return level;
        smallest = level;
    }
    return smallest;
}

// How far blocks of that level go from `at_s` on before a larger one can take over.
int64_t run_end(size_t level, int64_t at_s, int64_t until_s, const all_marks& marks) {
    const int64_t period_s = rollup_levels[level].period_s;
    int64_t end = period_start(std::min(until_s, made_until(marks, level)), period_s);
    for (size_t larger = level + 1; larger < levels; ++larger) {
        const int64_t step_s = rollup_levels[larger].period_s;
        const int64_t next = period_end(std::max(at_s, marks[larger].gone_until_s), step_s);
        if (next + step_s <= std::min(until_s, made_until(marks, larger))) {
            end = std::min(end, next);
        }
    }
    return std::max(end, at_s + period_s);
}

}  // namespace

time_cover cover_of(int64_t from_s, int64_t until_s, const all_marks& marks) {
    time_cover cover;
    cover.from_s = cover.until_s = first_edge(from_s, marks);
    while (cover.until_s < until_s) {
        const auto level = level_at(cover.until_s, until_s, marks);
        if (!level) break;  // (can't be while a level is dropped only once the next is made)
        const int64_t end = run_end(*level, cover.until_s, until_s, marks);
        cover.ranges.push_back({*level, cover.until_s, end});
        cover.until_s = end;
    }
    return cover;
}

}  // namespace ie
