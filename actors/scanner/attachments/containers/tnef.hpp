// Outlook's winmail.dat (MS-OXTNEF): the files in it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

struct tnef_file {
    std::vector<std::string> names;  // the short one and the long one, as far as there are
    std::string_view bytes;          // of what was read
};

// As far as it can be read; at most `files_max`.
std::vector<tnef_file> tnef_files(std::string_view bytes, size_t files_max);

}  // namespace ie
