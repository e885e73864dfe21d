#include "gateway/exim_hook/recipient_list.hpp"

namespace ie {
namespace {

// The length of the first address of `joined`: up to a comma outside quotes, or all of it.
size_t address_length(std::string_view joined) {
    bool quoted = false;
    for (size_t i = 0; i < joined.size(); ++i) {
        const char c = joined[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            return i;
        }
    }
    return joined.size();
}

}  // namespace

recipient_list split_recipients(std::string_view joined, recipient_bounds bounds) {
    recipient_list list;
    size_t size_bytes = 0;
    while (!joined.empty()) {
        const size_t length = address_length(joined);
        const std::string_view address = joined.substr(0, length);
        joined.remove_prefix(length == joined.size() ? length : length + 1);
        if (joined.starts_with(' ')) joined.remove_prefix(1);
        if (address.empty()) continue;
        size_bytes += address.size();
        if (list.addresses.size() == bounds.count_max || size_bytes > bounds.size_bytes_max) {
            list.cut = true;
            break;
        }
        list.addresses.emplace_back(address);
    }
    return list;
}

}  // namespace ie
