// Exim's $recipients taken apart: addresses joined by a comma and a space, whose local parts may be
// quoted and hold commas, spaces and escaped quotes themselves. Pure, and total: no list that Exim
// accepts may be unreadable here, or a sender could choose recipients to go unjudged. What stands
// in a quotation that never ends is one address.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

struct recipient_bounds {
    size_t count_max = 50'000;         // Exim's own recipients_max
    size_t size_bytes_max = 3U << 20;  // of all addresses, so that a request's body can hold them
};

struct recipient_list {
    std::vector<std::string> addresses;
    bool cut = false;  // there were more than the bounds allow
};

recipient_list split_recipients(std::string_view joined, recipient_bounds bounds = {});

}  // namespace ie
