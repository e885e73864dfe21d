// The shapes in which results are printed: aligned tables and the seed's JSON. Pure.
#pragma once

#include "messages/json.hpp"

namespace ie::cli {

using row = std::vector<std::string>;

// Columns as wide as their widest cell, two spaces between them, none at a line's end. Cells are
// made printable.
std::string table(const std::vector<row>& rows);

// In which column a line stands that is so deep inside the document.
using indentation = size_t (*)(size_t depth);
constexpr size_t by_two(size_t depth) {
    return 2 * depth;
}
constexpr size_t by_four(size_t depth) {
    return 4 * depth;
}

// A list of plain values stands on one line (seed, List emails in quarantine). What a terminal
// would obey stands as \uNNNN. Ends with a newline.
std::string json_text(const json& value, indentation column = by_two);

// A table's cell: "-" where the text is empty.
std::string or_dash(const std::string& text);

// "2026-11-22 07:53:06 UTC"
std::string date_text(int64_t unix_s);

// "3d 4h", "4h 12m", "12m 5s", "5s"
std::string duration_text(int64_t seconds);

}  // namespace ie::cli
