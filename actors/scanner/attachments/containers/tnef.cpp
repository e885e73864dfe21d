#include "actors/scanner/attachments/containers/tnef.hpp"

#include <algorithm>
#include <optional>

namespace ie {
namespace {

using namespace std::string_view_literals;

uint32_t take_u32(std::string_view& bytes) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4 && i < bytes.size(); ++i) {
        value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
    }
    bytes.remove_prefix(std::min<size_t>(4, bytes.size()));
    return value;
}

struct attribute {
    uint32_t id = 0;
    std::string_view data;
};

std::optional<attribute> take_attribute(std::string_view& rest) {
    constexpr size_t level_size = 1, head_size = level_size + 8, checksum_size = 2;
    if (rest.size() < head_size) return std::nullopt;
    rest.remove_prefix(level_size);
    attribute out;
    out.id = take_u32(rest);
    const size_t size = std::min<size_t>(take_u32(rest), rest.size());
    out.data = rest.substr(0, size);
    rest.remove_prefix(std::min(size + checksum_size, rest.size()));
    return out;
}

// Good enough for an extension: other than ASCII becomes '_'.
std::string ascii_of_utf16(std::string_view text) {
    std::string out;
    for (size_t i = 0; i + 1 < text.size(); i += 2) {
        const bool plain = text[i + 1] == '\0' && static_cast<uint8_t>(text[i]) < 128;
        out += plain ? text[i] : '_';
    }
    return out;
}

// MAPI properties (MS-OXTNEF 2.1.3.4, 2.2), by their tags.
enum mapi_type : uint32_t {
    multiple = 0x1000,  // values
    object = 0x000d,
    string8 = 0x001e,
    unicode = 0x001f,
    binary = 0x0102,
};
constexpr uint32_t attach_data = 0x3701, attach_long_name = 0x3707, attach_name = 0x3704,
                   display_name = 0x3001;

// Of one value; nothing where the type isn't known: what follows can't be found then.
std::optional<size_t> fixed_size(uint32_t type) {
    switch (type) {
        case 0x0002:  // 16 bits, filled up
        case 0x0003:  // 32 bits
        case 0x0004:  // float
        case 0x000a:  // error
        case 0x000b:  // boolean, filled up
            return 4;
        case 0x0005:  // double
        case 0x0006:  // currency
        case 0x0007:  // application time
        case 0x0014:  // 64 bits
        case 0x0040:  // time
            return 8;
        case 0x0048:  // GUID
            return 16;
        default:
            return std::nullopt;
    }
}

bool has_own_size(uint32_t type) {
    return type == object || type == string8 || type == unicode || type == binary;
}

size_t filled_up(size_t size) {
    return (size + 3) / 4 * 4;
}

std::string_view take(std::string_view& bytes, size_t size) {
    const auto taken = bytes.substr(0, size);
    bytes.remove_prefix(std::min(filled_up(size), bytes.size()));
    return taken;
}

// Of a property that has one: a GUID, and a number or a text.
void skip_name(std::string_view& rest) {
    constexpr size_t guid_size = 16;
    take(rest, guid_size);
    const uint32_t kind = take_u32(rest);
    const uint32_t value = take_u32(rest);
    if (kind == 1) take(rest, value);
}

// Calls visit(id, type, value) for each value, as far as they can be read.
template <class Visit>
void for_each_value(std::string_view rest, Visit&& visit) {
    for (uint32_t left = take_u32(rest); left > 0 && !rest.empty(); --left) {
        const uint32_t tag = take_u32(rest);
        const uint32_t id = tag >> 16;
        const uint32_t type = tag & 0xffff & ~static_cast<uint32_t>(multiple);
        constexpr uint32_t first_named = 0x8000;
        if (id >= first_named) skip_name(rest);
        const auto size = fixed_size(type);
        if (!size && !has_own_size(type)) return;
        const bool is_counted = !size || (tag & multiple) != 0;
        uint32_t values = is_counted ? take_u32(rest) : 1;
        for (; values > 0 && !rest.empty(); --values) {
            visit(id, type, take(rest, size ? *size : take_u32(rest)));
        }
    }
}

// Names, and what Outlook has put there instead of a file: a message, itself in this format.
void add_properties(std::string_view properties, tnef_file& file) {
    constexpr size_t class_id_size = 16;
    for_each_value(properties, [&](uint32_t id, uint32_t type, std::string_view value) {
        const bool is_name = id == attach_long_name || id == attach_name || id == display_name;
        if (is_name && type == unicode) file.names.push_back(ascii_of_utf16(value));
        if (is_name && type == string8) file.names.emplace_back(value);
        if (id != attach_data || (type != object && type != binary)) return;
        file.bytes = type == object ? value.substr(std::min(class_id_size, value.size())) : value;
    });
}

}  // namespace

std::vector<tnef_file> tnef_files(std::string_view bytes, size_t files_max) {
    constexpr size_t signature_and_key_size = 6;
    constexpr uint32_t rendering = 0x00069002, title = 0x00018010, data = 0x0006800f,
                       properties = 0x00069005;
    std::vector<tnef_file> files;
    auto rest = bytes.substr(std::min(signature_and_key_size, bytes.size()));
    while (const auto next = take_attribute(rest)) {
        if (next->id == rendering) {  // begins a file
            if (files.size() >= files_max) break;
            files.emplace_back();
        }
        if (files.empty()) continue;
        if (next->id == title) files.back().names.emplace_back(next->data);
        if (next->id == data) files.back().bytes = next->data;
        if (next->id == properties) add_properties(next->data, files.back());
    }
    return files;
}

}  // namespace ie
