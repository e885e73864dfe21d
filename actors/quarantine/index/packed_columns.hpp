// How a row holds lists: recipients as lines, others as on the wire. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "messages/wire.hpp"

namespace ie {

// What a column of a list holds.
template <class Item>
struct packed_list {
    std::vector<Item> items;

    static constexpr auto fields() { return std::tuple{field{"items", &packed_list::items}}; }
};

template <class Item>
std::string packed(const std::vector<Item>& items) {
    return items.empty() ? std::string{} : encode(packed_list<Item>{items});
}

// What can't be read is left out: it only explains.
template <class Item>
void unpack(const std::string& bytes, std::vector<Item>& items) {
    if (bytes.empty()) return;
    if (auto list = decode<packed_list<Item>>(bytes)) items = std::move(list->items);
}

// A column of recipients: each with a line end, which no address has.
inline std::string lines_of(const std::vector<std::string>& recipients) {
    std::string lines;
    for (const auto& each : recipients) lines.append(each) += '\n';
    return lines;
}

inline std::vector<std::string> of_lines(std::string_view lines) {
    std::vector<std::string> recipients;
    for (size_t end = 0; (end = lines.find('\n')) != lines.npos; lines.remove_prefix(end + 1)) {
        recipients.emplace_back(lines.substr(0, end));
    }
    return recipients;
}

}  // namespace ie
