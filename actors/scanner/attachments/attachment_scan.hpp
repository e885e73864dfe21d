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
    uint64_t entries_max = 10'000;           // contents looked at, of one attachment
    uint64_t unpacked_bytes_max = 64 << 20;  // of one attachment, with all that is in it
};

// When a look ends. What a mail takes of the processor is its sender's doing: where that leaves an
// archive unread, it is held. That others' mail has made it late isn't: then it is judged by what
// was seen.
struct look_bounds {
    std::function<bool()> is_spent;
    std::function<bool()> is_late;
};

// Whether there can be anything to find: false for a plain text. Reads the header of the mail, and
// its body for what stands in it uuencoded; costs next to nothing.
bool may_have_attachments(std::string_view mail);

// First all names, of all attachments; then what is in archives, each with bounds of its own, so
// that none uses up what another needs.
attachments_found scan_attachments(std::string_view mail, const attachment_rules& rules,
                                   const look_bounds& bounds);

}  // namespace ie
