// The files that an invitation brings along (RFC 5545, 3.8.1.1: ATTACH in text/calendar). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

struct invite_file {
    std::string name;  // of FILENAME, X-FILENAME or the like; empty: none is told
    std::string bytes;
};

// Those that are in it, not behind a link; at most `files_max`.
std::vector<invite_file> invite_files(std::string_view calendar, size_t files_max);

}  // namespace ie
