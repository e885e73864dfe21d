#include "actors/scanner/attachments/zip_names.hpp"

#include <algorithm>

namespace ie {
namespace {

struct header_shape {
    char third, fourth;  // after "PK"
    size_t size_offset;  // of the name's size
    size_t name_offset;
};
constexpr header_shape shapes[] = {{'\3', '\4', 26, 30}, {'\1', '\2', 28, 46}};

std::string_view name_at(std::string_view header, const header_shape& shape) {
    if (header.size() <= shape.name_offset) return {};
    const auto byte = [&](size_t at) {
        return static_cast<size_t>(static_cast<uint8_t>(header[at]));
    };
    const size_t size = byte(shape.size_offset) | byte(shape.size_offset + 1) << 8;
    return header.substr(shape.name_offset, size);
}

}  // namespace

std::vector<std::string_view> zip_names(std::string_view bytes, uint64_t names_max) {
    std::vector<std::string_view> names;
    for (size_t at = bytes.find("PK"); at != std::string_view::npos && names.size() < names_max;
         at = bytes.find("PK", at + 2)) {
        if (at + 4 > bytes.size()) break;
        for (const auto& shape : shapes) {
            if (bytes[at + 2] != shape.third || bytes[at + 3] != shape.fourth) continue;
            const auto name = name_at(bytes.substr(at), shape);
            if (!name.empty()) names.push_back(name);
        }
    }
    return names;
}

}  // namespace ie
