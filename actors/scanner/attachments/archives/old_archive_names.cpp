#include "actors/scanner/attachments/archives/old_archive_names.hpp"

#include <algorithm>

namespace ie {
namespace {

using namespace std::string_view_literals;

// Little endian; 0 beyond the end.
uint64_t number_at(std::string_view bytes, size_t at, size_t size) {
    uint64_t value = 0;
    for (size_t i = size; i > 0; --i) {
        value <<= 8;
        if (at + i <= bytes.size()) value |= static_cast<uint8_t>(bytes[at + i - 1]);
    }
    return value;
}

void skip(std::string_view& bytes, uint64_t size) {
    bytes.remove_prefix(static_cast<size_t>(std::min<uint64_t>(size, bytes.size())));
}

constexpr auto arj_mark = "\x60\xea"sv;
constexpr size_t ace_mark_at = 7;

}  // namespace

bool is_arj(std::string_view bytes) {
    constexpr size_t basic_min = 30, basic_max = 2'600;
    const uint64_t basic = number_at(bytes, 2, 2);
    return bytes.starts_with(arj_mark) && basic >= basic_min && basic <= basic_max;
}

bool is_ace(std::string_view bytes) {
    return bytes.size() > ace_mark_at && bytes.substr(ace_mark_at).starts_with("**ACE**");
}

// A mark, the size of the basic header, that, its checksum, extended headers with a size each until
// one of 0, and the file's bytes. The first header is the archive's own.
std::vector<std::string_view> arj_names(std::string_view bytes, uint64_t names_max) {
    constexpr size_t mark_and_size = 4, checksum = 4, data_size_at = 12;
    std::vector<std::string_view> names;
    for (bool is_own = true; bytes.starts_with(arj_mark) && bytes.size() > mark_and_size;
         is_own = false) {
        const auto basic = bytes.substr(mark_and_size, number_at(bytes, 2, 2));
        if (basic.empty() || names.size() >= names_max) break;
        const auto text = basic.substr(std::min<size_t>(number_at(basic, 0, 1), basic.size()));
        const auto name = text.substr(0, text.find('\0'));
        if (!is_own && !name.empty()) names.push_back(name);
        skip(bytes, mark_and_size + basic.size() + checksum);
        for (uint64_t more = 1; more > 0 && !bytes.empty();) {
            more = number_at(bytes, 0, 2);
            skip(bytes, 2 + (more > 0 ? more + checksum : 0));
        }
        if (!is_own) skip(bytes, number_at(basic, data_size_at, 4));
    }
    return names;
}

// A checksum, a size, and so many bytes: type, flags, and for a file what it is and its name.
std::vector<std::string_view> ace_names(std::string_view bytes, uint64_t names_max) {
    constexpr size_t checksum_and_size = 4, data_size_at = 3, name_size_at = 29, name_at = 31;
    constexpr uint64_t file = 1, has_data = 1;
    std::vector<std::string_view> names;
    while (bytes.size() > checksum_and_size && names.size() < names_max) {
        const auto header = bytes.substr(checksum_and_size, number_at(bytes, 2, 2));
        if (header.empty()) break;
        const bool is_file = number_at(header, 0, 1) == file;
        if (is_file && header.size() > name_at) {
            names.push_back(header.substr(name_at, number_at(header, name_size_at, 2)));
        }
        skip(bytes, checksum_and_size + header.size());
        if ((number_at(header, 1, 2) & has_data) != 0)
            skip(bytes, number_at(header, data_size_at, 4));
    }
    return names;
}

}  // namespace ie
