// Outlook's .msg (MS-OXMSG in a compound file, MS-CFB): the files attached to it, and to messages
// attached to it. Pure; bounded by the file's own size, whatever its chains say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

struct outlook_file {
    std::vector<std::string> names;  // the long one, the short one, what is shown
    std::string bytes;
};

bool is_compound_file(std::string_view bytes);

// None where it is another compound file; at most `files_max`.
std::vector<outlook_file> outlook_files(std::string_view bytes, size_t files_max);

}  // namespace ie
