// Each cell of recovery_rules' table, on a store that is just so: what a start makes of it is what
// the table says, and the table is what docs/holds.md draws.
#include <set>
#include <sstream>

#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;

template <class Enum>
std::vector<Enum> all_of_kind() {
    std::vector<Enum> all;
    for (size_t i = 0; i < enum_names(Enum{}).size(); ++i) all.push_back(static_cast<Enum>(i));
    return all;
}

std::vector<recovery_case> all_cells() {
    std::vector<recovery_case> cells;
    for (const auto entry : all_of_kind<entry_state>()) {
        for (const auto file : all_of_kind<file_state>()) {
            for (const auto row : all_of_kind<row_state>()) {
                for (const auto disk : all_of_kind<disk_state>()) {
                    cells.push_back({entry, file, row, disk});
                }
            }
        }
    }
    return cells;
}

std::string name_of_cell(const recovery_case& cell) {
    std::string name(name_of(cell.entry));
    for (const auto part : {name_of(cell.file), name_of(cell.row), name_of(cell.disk)}) {
        name.append("_").append(part);
    }
    return name;
}

// The steps that docs/holds.md draws: a line an entry and file, a column a row and disk.
std::map<std::string, std::string> drawn() {
    std::map<std::string, std::string> cells;
    std::ifstream in(IE_SOURCE_DIR "/docs/holds.md");
    for (std::string line; std::getline(in, line);) {
        std::vector<std::string> words;
        std::istringstream text(line);
        for (std::string word; std::getline(text, word, '|');) {
            std::istringstream(word) >> word;
            words.push_back(word);
        }
        const bool is_line =
            words.size() == 12 && (words[1] == "whole" || words[1] == "head" || words[1] == "torn");
        if (!is_line) continue;
        size_t at = 3;
        for (const auto row : all_of_kind<row_state>()) {
            for (const auto disk : all_of_kind<disk_state>()) {
                cells[words[1] + "_" + words[2] + "_" + std::string(name_of(row)) + "_" +
                      std::string(name_of(disk))] = words[at++];
            }
        }
    }
    return cells;
}

// A mail a cell, all in one store: the disk's faults go by the mail.
class RecoveryCells : public QuarantineActor {
  protected:
    const std::vector<recovery_case> cells_ = all_cells();

    int number_of(size_t cell) const { return static_cast<int>(cell) + 1; }
    mail_id id_of_cell(size_t cell) const { return id_of(number_of(cell)); }
    std::string bytes_of_cell(size_t cell) const {
        const std::string begin = "A: 1\n\nbody of " + name_of_cell(cells_[cell]) + "\n";
        return cells_[cell].entry == entry_state::head ? begin + large_mail : begin;
    }
    bool is_there(size_t cell, bool staged) const {
        return fs::exists(path_of(number_of(cell)) + (staged ? ".new" : ""));
    }

    void make() {
        std::vector<std::shared_ptr<std::optional<outcome<mail_held>>>> held;
        for (size_t i = 0; i < cells_.size(); ++i) {
            held.push_back(begin_hold(hold_of(number_of(i)), bytes_of_cell(i)));
        }
        run();
        for (const auto& each : held) ASSERT_TRUE(**each);
        crash();
        tear_entries();
        for (size_t i = 0; i < cells_.size(); ++i) make_file(i);
        make_rows();
    }
    void tear_entries() {
        const std::string path = folder_.path("quarantine-journal.0");
        std::string bytes = text_of_file(path);
        for (const auto& cell : cells_) {
            if (cell.entry != entry_state::torn) continue;
            const size_t at = bytes.find("body of " + name_of_cell(cell));
            ASSERT_LT(at, bytes.size());
            bytes.replace(at, 4, "lost");
        }
        std::ofstream(path, std::ios::binary) << bytes;
    }
    void make_file(size_t cell) {
        const std::string path = path_of(number_of(cell));
        switch (cells_[cell].file) {
            case file_state::named:
                return;
            case file_state::staged:
                return fs::rename(path, path + ".new");
            case file_state::absent:
                return (void)fs::remove(path);
            case file_state::altered:
                return fs::resize_file(path, fs::file_size(path) - 1);
        }
    }
    void make_rows() {
        SQLite::Database database(folder_.path("quarantine.db"), SQLite::OPEN_READWRITE);
        for (size_t i = 0; i < cells_.size(); ++i) {
            const std::string of = " WHERE id = '" + id_of_cell(i).value + "'";
            if (cells_[i].row == row_state::none) database.exec("DELETE FROM mails" + of);
            if (cells_[i].row == row_state::settled) {
                database.exec("UPDATE mails SET state = 3, settled_at_ms = 1795333986123" + of);
            }
        }
    }
    void make_disk() {
        fault_ = [this](const disk_step& step) {
            if (step.name != "write" && step.name != "rename") return 0;
            for (size_t i = 0; i < cells_.size(); ++i) {
                if (step.path.find(id_of_cell(i).value) > step.path.size()) continue;
                return cells_[i].disk == disk_state::ok     ? 0
                       : cells_[i].disk == disk_state::full ? ENOSPC
                                                            : EIO;
            }
            return 0;
        };
    }
    void start() {
        begin_engine();
        run();
    }

    // After a start, and after the disk has become well.
    void expect_step(size_t cell, recovery_step step, bool is_well) {
        const auto all = listed(root);
        const bool is_listed = std::count(all.begin(), all.end(), id_of_cell(cell)) > 0;
        const bool is_whole = show(number_of(cell)).bytes == bytes_of_cell(cell);
        const bool has_row = cells_[cell].row == row_state::held;
        switch (step) {
            case recovery_step::leave:
                EXPECT_FALSE(is_listed);
                EXPECT_FALSE(is_there(cell, false));  // the sweep's
                EXPECT_FALSE(is_there(cell, true));
                return;
            case recovery_step::write:
            case recovery_step::name:
                EXPECT_TRUE(is_listed && is_whole);
                EXPECT_FALSE(is_there(cell, true));
                return;
            case recovery_step::carry:
                if (is_well) return expect_step(cell, recovery_step::name, true);
                EXPECT_EQ(is_there(cell, true), cells_[cell].file == file_state::staged &&
                                                    cells_[cell].entry != entry_state::whole);
                return;
            case recovery_step::lose:
                EXPECT_EQ(is_listed, has_row);
                EXPECT_FALSE(is_whole);
                return;
            case recovery_step::drop:
                EXPECT_FALSE(is_listed);
                EXPECT_EQ(is_there(cell, false), cells_[cell].file == file_state::altered);
                EXPECT_FALSE(is_there(cell, true));
                return;
        }
    }
    size_t count(recovery_step step) const {
        return static_cast<size_t>(std::count_if(
            cells_.begin(), cells_.end(), [&](const auto& at) { return step_for(at) == step; }));
    }
    void expect_all(bool is_well) {
        for (size_t i = 0; i < cells_.size(); ++i) {
            SCOPED_TRACE(name_of_cell(cells_[i]));
            expect_step(i, step_for(cells_[i]), is_well);
        }
    }
};

TEST_F(RecoveryCells, EachIsDoneAsTheTableSays) {
    make();
    make_disk();
    start();
    expect_all(false);
    EXPECT_THAT(status().detail,
                HasSubstr(std::to_string(count(recovery_step::carry)) + " held mails can't be"));
    EXPECT_TRUE(hold(hold_of(1'000)));  // all the same
    fault_ = nullptr;
    for (int i = 0; i < hold_recovery::polls_between; ++i) {
        advance(std::chrono::milliseconds(options_.poll_interval_ms));
    }
    expect_all(true);
    EXPECT_EQ(status().state, actor_state::running);
}

TEST(RecoveryTable, HasAllItsCellsAndIsDrawnAsItIs) {
    const auto cells = all_cells();
    EXPECT_EQ(cells.size(), 3U * 4 * 3 * 3);
    const auto drawing = drawn();
    EXPECT_EQ(drawing.size(), cells.size());
    std::set<std::string> names;
    for (const auto& cell : cells) {
        const std::string name = name_of_cell(cell);
        names.insert(name);
        const auto found = drawing.find(name);
        ASSERT_NE(found, drawing.end()) << name;
        EXPECT_EQ(found->second, name_of(step_for(cell))) << name;
    }
    EXPECT_EQ(names.size(), cells.size());
}

// Whatever the disk says: what was acknowledged is dropped in no cell, and written over in none
// where the database knows that it is settled.
TEST(RecoveryTable, LosesNothingSilently) {
    for (const auto& cell : all_cells()) {
        const recovery_step step = step_for(cell);
        const std::string name = name_of_cell(cell);
        if (cell.row == row_state::settled) EXPECT_EQ(step, recovery_step::leave) << name;
        if (cell.row == row_state::held) EXPECT_NE(step, recovery_step::drop) << name;
        if (cell.row == row_state::settled || cell.entry != entry_state::whole) continue;
        const auto expected =
            cell.disk == disk_state::ok ? recovery_step::write : recovery_step::carry;
        EXPECT_EQ(step, expected) << name;
    }
}

}  // namespace
}  // namespace ie
