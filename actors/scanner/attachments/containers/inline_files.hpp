// Files that stand in the text of a mail itself: uuencode (POSIX) and yEnc. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

struct inline_file {
    std::string name;
    std::string bytes;  // decoded; empty for yEnc, which is known by its name only
};

std::vector<inline_file> inline_files(std::string_view text, size_t files_max);

// Whether a line begins as one of them does: cheap, and never wrong about their absence.
bool may_have_inline_files(std::string_view text);

}  // namespace ie
