// What a start does with a mail of the holds' journal, as a table. An entry is there because the
// mail was acknowledged, or was about to be; what is on the disk of its file and its row may be
// older, or nothing. Drawn in docs/holds.md, which a test compares with this. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ie {

enum class entry_state : uint8_t {
    whole,  // it has all of the file
    head,   // a large mail's: its bytes are in a file of its own, synced before it was acknowledged
    torn,   // not what was appended: a power cut came before its fsync, or the disk is bad
};
// Of the message file, compared with the entry; with itself where that is torn.
enum class file_state : uint8_t {
    named,
    staged,   // whole, under its temporary name
    absent,   // neither
    altered,  // short, damaged or an older one
};
enum class row_state : uint8_t { held, settled, none };
// What the disk says when the step is tried.
enum class disk_state : uint8_t { ok, full, failing };

enum class recovery_step : uint8_t {
    leave,  // nothing is to be done
    write,  // the file is written from the entry
    name,   // the file's own bytes are written once more, and it gets its name
    carry,  // it can't be written now: the entry is kept, and it is tried again
    lose,   // it was, or may have been, acknowledged and is nowhere: an operator is told
    drop,   // it was never acknowledged: Exim has it
};

// The words of docs/holds.md.
constexpr auto enum_names(entry_state) {
    return std::array<std::string_view, 3>{"whole", "head", "torn"};
}
constexpr auto enum_names(file_state) {
    return std::array<std::string_view, 4>{"named", "staged", "absent", "altered"};
}
constexpr auto enum_names(row_state) {
    return std::array<std::string_view, 3>{"held", "settled", "none"};
}
constexpr auto enum_names(disk_state) {
    return std::array<std::string_view, 3>{"ok", "full", "failing"};
}
constexpr auto enum_names(recovery_step) {
    return std::array<std::string_view, 6>{"leave", "write", "name", "carry", "lose", "drop"};
}

struct recovery_case {
    entry_state entry = entry_state::whole;
    file_state file = file_state::named;
    row_state row = row_state::none;
    disk_state disk = disk_state::ok;
};

// Of the newest entry of a mail; after `lose` or `drop` of the one before it. Where the file is
// there then and the row isn't, the row is made.
recovery_step step_for(const recovery_case& found);

}  // namespace ie
