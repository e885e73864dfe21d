#include "actors/scanner/attachments/content_kind.hpp"

#include <algorithm>
#include <string>

#include "actors/scanner/attachments/archives/old_archive_names.hpp"
#include "actors/scanner/attachments/containers/outlook_message.hpp"

namespace ie {
namespace {

using namespace std::string_view_literals;

// Little endian; 0 beyond the end.
uint32_t number_at(std::string_view bytes, size_t at, size_t size) {
    uint32_t value = 0;
    for (size_t i = size; i > 0; --i) {
        value <<= 8;
        if (at + i <= bytes.size()) value |= static_cast<uint8_t>(bytes[at + i - 1]);
    }
    return value;
}

bool has_at(std::string_view bytes, size_t at, std::string_view magic) {
    return bytes.size() >= at && bytes.substr(at).starts_with(magic);
}

// A header that DOS would load: the last page's bytes, pages, and paragraphs of the header are
// numbers that no text has there.
bool is_dos_header(std::string_view bytes) {
    constexpr size_t header_size = 28;
    constexpr uint32_t page_bytes = 512;
    const uint32_t last_page = number_at(bytes, 2, 2);
    const uint32_t pages = number_at(bytes, 4, 2);
    const uint32_t header_paragraphs = number_at(bytes, 8, 2);
    return bytes.size() >= header_size && last_page <= page_bytes && pages > 0 &&
           header_paragraphs >= 2 && header_paragraphs <= 0x1000;
}

bool is_program(std::string_view bytes) {
    if (!bytes.starts_with("MZ") && !bytes.starts_with("ZM")) return false;
    const size_t at = number_at(bytes, 0x3c, 4);
    for (const auto magic : {"PE\0\0"sv, "NE"sv, "LE"sv, "LX"sv}) {
        if (at >= 4 && has_at(bytes, at, magic)) return true;
    }
    return is_dos_header(bytes);
}

// The class of the root entry, which stands first in the first sector of the directory.
bool is_installer(std::string_view bytes) {
    constexpr size_t class_id_offset = 80;
    constexpr auto installer_class = "\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"sv;
    if (!bytes.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv)) return false;
    const uint32_t shift = number_at(bytes, 30, 2);
    const uint64_t sector = number_at(bytes, 48, 4);
    if (shift < 7 || shift > 16) return false;
    const uint64_t at = ((sector + 1) << shift) + class_id_offset;
    const uint32_t first = number_at(bytes, at, 4);
    return at < bytes.size() && first >= 0xc1082 && first <= 0xc1086 && first % 2 == 0 &&
           has_at(bytes, at + 3, installer_class);
}

// Of any tar, the oldest too: a header's checksum (POSIX.1, pax, ustar).
bool is_tar(std::string_view bytes) {
    constexpr size_t header_size = 512, sum_at = 148, sum_size = 8;
    if (bytes.size() < header_size || bytes[0] == '\0') return false;
    uint32_t sum = sum_size * ' ';
    for (size_t i = 0; i < header_size; ++i) {
        if (i < sum_at || i >= sum_at + sum_size) sum += static_cast<uint8_t>(bytes[i]);
    }
    uint32_t stated = 0;
    bool has_digit = false;
    for (const char c : bytes.substr(sum_at, sum_size)) {
        if (c == ' ' && !has_digit) continue;
        if (c < '0' || c > '7') break;
        stated = stated * 8 + static_cast<uint32_t>(c - '0');
        has_digit = true;
    }
    return has_digit && stated == sum;
}

// Also with something before it, as self-extracting ones have.
bool is_zip(std::string_view bytes) {
    constexpr size_t end_bytes_max = 22 + 65'535;  // the end record and its comment
    if (bytes.starts_with("PK\3\4"sv) || bytes.starts_with("PK\5\6"sv) ||
        bytes.starts_with("PK\7\x08"sv)) {
        return true;
    }
    const auto tail = bytes.substr(bytes.size() - std::min(bytes.size(), end_bytes_max));
    const size_t end = tail.find("PK\5\6"sv);
    return end != std::string_view::npos && bytes.find("PK\1\2"sv) != std::string_view::npos;
}

bool is_archive(std::string_view bytes) {
    constexpr size_t iso_offset = 0x8001;
    constexpr std::string_view magics[] = {"7z\xbc\xaf\x27\x1c"sv,
                                           "Rar!\x1a\x07"sv,
                                           "MSCF\0\0\0\0"sv,
                                           "xar!"sv,
                                           "070701"sv,
                                           "070702"sv,
                                           "070707"sv};
    for (const auto magic : magics) {
        if (bytes.starts_with(magic)) return true;
    }
    if (bytes.size() > 6 && bytes[2] == '-' && bytes[3] == 'l' && bytes[6] == '-') return true;
    return has_at(bytes, iso_offset, "CD001") || is_tar(bytes) || is_zip(bytes);
}

// The old .lzma has no mark: properties, a dictionary of a usual size, and a size that may not be
// known.
bool is_lzma(std::string_view bytes) {
    constexpr size_t header_size = 13;
    const uint32_t dictionary = number_at(bytes, 1, 4);
    const uint32_t size_high = number_at(bytes, 9, 4);
    const bool is_usual = dictionary >= 1 << 12 && (dictionary & (dictionary - 1)) == 0;
    return bytes.size() > header_size && bytes[0] == '\x5d' && is_usual &&
           (size_high == 0xffffffff || size_high < 256);
}

bool is_compressed(std::string_view bytes) {
    if (is_lzma(bytes)) return true;
    constexpr std::string_view magics[] = {"\x1f\x8b\x08"sv,
                                           "BZh"sv,
                                           "\xfd"
                                           "7zXZ\0"sv,
                                           "\x28\xb5\x2f\xfd"sv,
                                           "LZIP"sv,
                                           "\x04\x22\x4d\x18"sv,
                                           "\x1f\x9d"sv};
    return std::any_of(std::begin(magics), std::end(magics),
                       [&](std::string_view magic) { return bytes.starts_with(magic); });
}

}  // namespace

content_kind kind_of(std::string_view bytes) {
    if (is_program(bytes)) return content_kind::program;
    if (has_at(bytes, 0, "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"sv)) {
        return content_kind::shortcut;
    }
    if (bytes.starts_with("#@~^")) return content_kind::encoded_script;
    if (bytes.starts_with("ITSF"sv)) return content_kind::help;
    if (bytes.starts_with("\x78\x9f\x3e\x22"sv)) return content_kind::tnef;
    if (is_installer(bytes)) return content_kind::installer;
    if (is_compound_file(bytes)) return content_kind::compound;
    if (is_arj(bytes) || is_ace(bytes)) return content_kind::named_only;
    if (is_compressed(bytes)) return content_kind::compressed;
    if (is_archive(bytes)) return content_kind::archive;
    return content_kind::other;
}

std::string_view extension_for(content_kind kind) {
    switch (kind) {
        case content_kind::program:
            return "exe";
        case content_kind::installer:
            return "msi";
        case content_kind::shortcut:
            return "lnk";
        case content_kind::encoded_script:
            return "vbe";
        case content_kind::help:
            return "chm";
        default:
            return {};
    }
}

std::string_view danger_text(content_kind kind) {
    switch (kind) {
        case content_kind::installer:
            return "installer by content";
        case content_kind::shortcut:
            return "shortcut by content";
        case content_kind::encoded_script:
            return "encoded script by content";
        case content_kind::help:
            return "compiled help by content";
        default:
            return "program by content";
    }
}

}  // namespace ie
