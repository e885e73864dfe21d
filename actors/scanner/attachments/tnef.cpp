#include "actors/scanner/attachments/tnef.hpp"

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

// PidTagAttachLongFilename and PidTagDisplayName among the MAPI properties, by their tags: type,
// one value, its size, its text.
void add_long_names(std::string_view properties, std::vector<std::string>& names) {
    for (const auto tag :
         {"\x1e\x00\x07\x37"sv, "\x1f\x00\x07\x37"sv, "\x1e\x00\x01\x30"sv, "\x1f\x00\x01\x30"sv}) {
        const size_t at = properties.find(tag);
        if (at == std::string_view::npos) continue;
        auto rest = properties.substr(at + tag.size());
        take_u32(rest);
        const size_t size = std::min<size_t>(take_u32(rest), rest.size());
        const auto text = rest.substr(0, size);
        names.push_back(tag[0] == '\x1f' ? ascii_of_utf16(text) : std::string(text));
    }
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
        if (next->id == properties) add_long_names(next->data, files.back().names);
    }
    return files;
}

}  // namespace ie
