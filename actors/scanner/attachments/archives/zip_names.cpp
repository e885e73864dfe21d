#include "actors/scanner/attachments/archives/zip_names.hpp"

#include <algorithm>

namespace ie {
namespace {

struct header_shape {
    char third, fourth;  // after "PK"
    size_t sizes_at;     // of the name's size, and then the extra fields'
    size_t name_at;
};
constexpr header_shape shapes[] = {{'\3', '\4', 26, 30}, {'\1', '\2', 28, 46}};

size_t number_at(std::string_view bytes, size_t at) {
    const auto byte = [&](size_t i) {
        return i < bytes.size() ? static_cast<size_t>(static_cast<uint8_t>(bytes[i])) : 0;
    };
    return byte(at) | byte(at + 1) << 8;
}

void add_unicode_path(std::string_view extra, std::vector<std::string_view>& names) {
    constexpr size_t head = 4, id = 0x7075, version_and_checksum = 5;
    while (extra.size() > head) {
        const auto field = extra.substr(head, number_at(extra, 2));
        if (number_at(extra, 0) == id && field.size() > version_and_checksum) {
            names.push_back(field.substr(version_and_checksum));
        }
        extra.remove_prefix(std::min(extra.size(), head + number_at(extra, 2)));
    }
}

void add_names(std::string_view header, const header_shape& shape,
               std::vector<std::string_view>& names) {
    if (header.size() <= shape.name_at) return;
    const auto name = header.substr(shape.name_at, number_at(header, shape.sizes_at));
    if (!name.empty()) names.push_back(name);
    add_unicode_path(
        header.substr(shape.name_at + name.size(), number_at(header, shape.sizes_at + 2)), names);
}

}  // namespace

std::vector<std::string_view> zip_names(std::string_view bytes, uint64_t names_max) {
    std::vector<std::string_view> names;
    for (size_t at = bytes.find("PK"); at != std::string_view::npos && names.size() < names_max;
         at = bytes.find("PK", at + 2)) {
        if (at + 4 > bytes.size()) break;
        for (const auto& shape : shapes) {
            if (bytes[at + 2] != shape.third || bytes[at + 3] != shape.fourth) continue;
            add_names(bytes.substr(at), shape, names);
        }
    }
    return names;
}

}  // namespace ie
