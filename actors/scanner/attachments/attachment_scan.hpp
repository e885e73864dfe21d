// Looks for what Windows would run in the files that a mail carries: attached, in the text, in
// forwarded mail, winmail.dat and archives, each in the others. Pure.
#pragma once

#include <cstdint>
#include <functional>

#include "actors/scanner/attachments/dangerous_names.hpp"
#include "actors/scanner/attachments/finding_list.hpp"

namespace ie {

struct attachment_rules {
    dangerous_names names{{}};
    uint32_t depth_max = 16;                 // of files in files
    uint64_t entries_max = 10'000;           // of all archives of a mail together
    uint64_t unpacked_bytes_max = 64 << 20;  // of all archives of a mail together
};

// Whether there can be anything to find: false for a plain text. Reads the header of the mail, and
// its body for what stands in it uuencoded; costs next to nothing.
bool may_have_attachments(std::string_view mail);

// Once `is_late` says so, no more archives are read: what is in them is judged by what was seen.
attachments_found scan_attachments(std::string_view mail, const attachment_rules& rules,
                                   std::function<bool()> is_late);

}  // namespace ie
