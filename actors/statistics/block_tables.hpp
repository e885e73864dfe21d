// The rollup levels' tables in statistics.db. What is counted goes into the seconds; when a period
// of a level is over, its block is made of those of the level below. What comes later than that
// goes into the blocks that are made already as well, so that each decision stands once in each
// level. Old blocks are dropped, none before the level above has them. All of it within the
// caller's transaction; every call may throw SQLite::Exception.
#pragma once

#include <functional>

#include "actors/statistics/cover.hpp"
#include "actors/statistics/pending_counts.hpp"
#include "actors/statistics/rollup_block.hpp"

namespace SQLite {
class Database;
}  // namespace SQLite

namespace ie {

using keep_times = std::array<int64_t, levels>;  // seconds that a level's blocks are kept

class block_tables {
  public:
    explicit block_tables(SQLite::Database& database);

    // `rows` as pending_counts sorts them.
    void add(const std::vector<pending_row>& rows);
    void roll_up(int64_t now_s);
    // At most a bounded number of blocks in one call, and at least as many as were added since.
    void drop_old(int64_t now_s, const keep_times& keep);
    void save_marks();

    // In the order of time.
    void read(const block_range& range, const std::function<void(const block_row&)>& visit);

    // Marks, by number, whom any block has.
    void mark_objects(std::vector<bool>& seen);
    // Gives each object a new number, in the same order; those whose new one is 0 are left out.
    void renumber(const std::vector<uint32_t>& numbers);

    const all_marks& marks() const { return marks_; }
    // After a transaction that failed.
    void set_marks(const all_marks& marks) { marks_ = marks; }

    // Blocks that were met and couldn't be read to their end; what is behind that is lost.
    uint64_t damaged() const { return damaged_; }

  private:
    class level_writer;
    void add_to_level(size_t level, const std::vector<pending_row>& rows);
    void roll_up_level(size_t level, int64_t until_s);
    void drop_of_level(size_t level, int64_t before_s);
    void append_rows(std::string_view bytes, block_rows& out);
    std::vector<int64_t> starts(size_t level);

    SQLite::Database& database_;
    all_marks marks_{};
    std::array<size_t, levels> written_{};  // blocks since the last drop
    uint64_t damaged_ = 0;
};

}  // namespace ie
