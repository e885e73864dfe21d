// A mail as a person would read it: its text parts in order, decoded, HTML without its tags. Valid
// UTF-8. Pure; bounded in what it reads, in depth, in parts and in what it gives.
#pragma once

#include <string>
#include <string_view>

namespace ie {

struct mail_text_bounds {
    size_t read_bytes_max = 4 << 20;  // of the mail; what is beyond isn't looked at
    size_t depth_max = 32;            // of parts in parts
    size_t parts_max = 1'000;
    size_t text_bytes_max = 256 << 10;
};

std::string mail_text(std::string_view mail, const mail_text_bounds& bounds = {});

}  // namespace ie
