#include "actors/statistics/block_tables.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <utility>

namespace ie {
namespace {

// Decisions reach us within that time; what comes later costs more, but is counted too.
constexpr int64_t grace_s = 5;

// Blocks of a level that are dropped in one call, if not more have come since the last. Few of
// those that hold much: a clock that is wrong for some seconds should not cost all of the past.
constexpr std::array<size_t, levels> drop_at_least{512, 16, 4, 1};

std::string statement(const char* before, size_t level, const char* after) {
    return std::string(before).append(rollup_levels[level].table).append(after);
}

std::string_view blob(SQLite::Statement& row, int column) {
    const SQLite::Column found = row.getColumn(column);
    const void* bytes = found.getBlob();
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes), static_cast<size_t>(found.getBytes())};
}

}  // namespace

// Writes blocks of one level, with statements that are made ready once.
class block_tables::level_writer {
  public:
    level_writer(block_tables& tables, size_t level)
        : tables_(tables),
          level_(level),
          find_(tables.database_, statement("SELECT rows FROM ", level, " WHERE start = ?")),
          put_(tables.database_, statement("INSERT OR REPLACE INTO ", level, " VALUES (?, ?)")) {}

    // Adds to what the block has already, if it is there.
    void merge_into(int64_t start_s, block_rows rows) {
        sort_rows(rows);
        add_rows(rows, get(start_s));
        put(start_s, rows);
    }

    block_rows get(int64_t start_s) {
        block_rows rows;
        find_.bind(1, start_s);
        if (find_.executeStep()) tables_.append_rows(blob(find_, 0), rows);
        find_.reset();
        return rows;
    }

    void put(int64_t start_s, const block_rows& rows) {
        const std::string bytes = encode_block(rows);
        put_.bind(1, start_s);
        put_.bindNoCopy(2, bytes.data(), static_cast<int>(bytes.size()));
        put_.exec();
        put_.reset();
        ++tables_.written_[level_];
    }

  private:
    block_tables& tables_;
    size_t level_;
    SQLite::Statement find_;
    SQLite::Statement put_;
};

block_tables::block_tables(SQLite::Database& database) : database_(database) {
    SQLite::Statement select(database_, "SELECT level, gone_until, made_until FROM marks");
    while (select.executeStep()) {
        const auto level = static_cast<size_t>(select.getColumn(0).getInt64());
        if (level >= levels) continue;
        marks_[level] = {select.getColumn(1).getInt64(), select.getColumn(2).getInt64()};
    }
}

void block_tables::add(const std::vector<pending_row>& rows) {
    for (size_t level = 0; level < levels; ++level) add_to_level(level, rows);
}

// Above the seconds only what is too late for roll_up().
void block_tables::add_to_level(size_t level, const std::vector<pending_row>& rows) {
    const int64_t period_s = rollup_levels[level].period_s;
    level_writer writer(*this, level);
    block_rows period;
    for (size_t i = 0; i < rows.size(); ++i) {
        const int64_t start_s = period_start(rows[i].at_s, period_s);
        if (level > 0 && start_s >= marks_[level].made_until_s) return;  // (nor is any later one)
        period.push_back(rows[i].leaf);
        const bool last = i + 1 == rows.size() || rows[i + 1].at_s >= start_s + period_s;
        if (last) writer.merge_into(start_s, std::exchange(period, {}));
    }
}

void block_tables::roll_up(int64_t now_s) {
    for (size_t level = 1; level < levels; ++level) {
        const int64_t until_s = period_start(now_s - grace_s, rollup_levels[level].period_s);
        if (until_s > marks_[level].made_until_s) roll_up_level(level, until_s);
    }
}

// Goes through the blocks that there are, not through time: a clock may jump by years.
void block_tables::roll_up_level(size_t level, int64_t until_s) {
    const int64_t period_s = rollup_levels[level].period_s;
    SQLite::Statement select(database_,
                             statement("SELECT start, rows FROM ", level - 1,
                                       " WHERE start >= ? AND start < ? ORDER BY start"));
    select.bind(1, marks_[level].made_until_s);
    select.bind(2, until_s);
    level_writer writer(*this, level);
    block_rows period;
    int64_t period_at_s = 0;
    while (select.executeStep()) {
        const int64_t start_s = period_start(select.getColumn(0).getInt64(), period_s);
        if (start_s != period_at_s && !period.empty()) {
            writer.put(period_at_s, std::exchange(period, {}));
        }
        period_at_s = start_s;
        block_rows part;
        append_rows(blob(select, 1), part);
        add_rows(period, part);
    }
    if (!period.empty()) writer.put(period_at_s, period);
    marks_[level].made_until_s = until_s;
}

void block_tables::drop_old(int64_t now_s, const keep_times& keep) {
    for (size_t level = 0; level < levels; ++level) {
        const size_t made_of = std::min(level + 1, levels - 1);
        drop_of_level(level, std::min(now_s - keep[level], marks_[made_of].made_until_s));
    }
    written_ = {};
}

// What is gone is what was dropped, not what is old: after a jump of the clock there and back, what
// is counted then would else be taken for gone.
void block_tables::drop_of_level(size_t level, int64_t before_s) {
    const int64_t period_s = rollup_levels[level].period_s;
    SQLite::Statement select(database_, "SELECT MAX(start) FROM (" +
                                            statement("SELECT start FROM ", level,
                                                      " WHERE start <= ? ORDER BY start LIMIT ?)"));
    select.bind(1, before_s - period_s);
    select.bind(2, static_cast<int64_t>(std::max(drop_at_least[level], 2 * written_[level])));
    if (!select.executeStep() || select.getColumn(0).isNull()) return;
    const int64_t last_s = select.getColumn(0).getInt64();
    SQLite::Statement remove(database_, statement("DELETE FROM ", level, " WHERE start <= ?"));
    remove.bind(1, last_s);
    remove.exec();
    marks_[level].gone_until_s = std::max(marks_[level].gone_until_s, last_s + period_s);
}

void block_tables::save_marks() {
    SQLite::Statement insert(database_, "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)");
    for (size_t level = 0; level < levels; ++level) {
        insert.bind(1, static_cast<int64_t>(level));
        insert.bind(2, marks_[level].gone_until_s);
        insert.bind(3, marks_[level].made_until_s);
        insert.exec();
        insert.reset();
    }
}

void block_tables::read(const block_range& range,
                        const std::function<void(const block_row&)>& visit) {
    SQLite::Statement select(database_,
                             statement("SELECT rows FROM ", range.level,
                                       " WHERE start >= ? AND start < ? ORDER BY start"));
    select.bind(1, range.from_s);
    select.bind(2, range.until_s);
    while (select.executeStep()) {
        block_reader reader(blob(select, 0));
        while (reader.next()) visit(reader.row());
        if (reader.damaged()) ++damaged_;
    }
}

void block_tables::mark_objects(std::vector<bool>& seen) {
    for (size_t level = 0; level < levels; ++level) {
        level_writer blocks(*this, level);
        for (const int64_t start_s : starts(level)) {
            for (const block_row& row : blocks.get(start_s)) {
                if (row.object < seen.size()) seen[row.object] = true;
            }
        }
    }
}

void block_tables::renumber(const std::vector<uint32_t>& numbers) {
    for (size_t level = 0; level < levels; ++level) {
        level_writer blocks(*this, level);
        for (const int64_t start_s : starts(level)) {
            block_rows rows = blocks.get(start_s);
            for (block_row& row : rows) {
                row.object = row.object < numbers.size() ? numbers[row.object] : 0;
            }
            std::erase_if(rows, [](const block_row& row) { return row.object == 0; });
            blocks.put(start_s, rows);
        }
    }
}

std::vector<int64_t> block_tables::starts(size_t level) {
    std::vector<int64_t> found;
    SQLite::Statement select(database_, statement("SELECT start FROM ", level, " ORDER BY start"));
    while (select.executeStep()) found.push_back(select.getColumn(0).getInt64());
    return found;
}

void block_tables::append_rows(std::string_view bytes, block_rows& out) {
    block_reader reader(bytes);
    while (reader.next()) out.push_back(reader.row());
    if (reader.damaged()) ++damaged_;
}

}  // namespace ie
