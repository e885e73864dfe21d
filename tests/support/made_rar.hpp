// RAR archives made in memory, stored, of both formats (RAR 4.0's technote.txt; "RAR 5.0 archive
// format"). What is encrypted is noise: no key opens it.
#pragma once

#include "tests/support/made_archive.hpp"

namespace ie::testing {

enum class rar_secret { nothing, contents, names };

// Little endian.
inline std::string rar_number(uint64_t value, size_t size) {
    std::string out;
    for (size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
}

// RAR 5's: seven bits a byte, the lowest first.
inline std::string rar_vint(uint64_t value) {
    std::string out;
    for (; value > 0x7f; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
}

inline uint32_t rar_crc(std::string_view bytes) {
    uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc % 2 != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

inline std::string rar4_block(uint8_t type, uint16_t flags, const std::string& fields) {
    const std::string head =
        rar_number(type, 1) + rar_number(flags, 2) + rar_number(fields.size() + 7, 2) + fields;
    return rar_number(rar_crc(head) & 0xffff, 2) + head;
}

inline std::string rar4_file(const made_file& file, bool is_encrypted) {
    constexpr uint16_t has_data = 0x8000, with_password_and_salt = 0x0404;
    const std::string fields =
        rar_number(file.bytes.size(), 4) + rar_number(file.bytes.size(), 4) + rar_number(3, 1) +
        rar_number(rar_crc(file.bytes), 4) + rar_number(0x5000'0000, 4) + rar_number(29, 1) +
        rar_number(0x30, 1) + rar_number(file.name.size(), 2) + rar_number(0100644, 4) + file.name +
        (is_encrypted ? "the salt" : "");
    return rar4_block(0x74, has_data | (is_encrypted ? with_password_and_salt : 0), fields) +
           file.bytes;
}

inline std::string rar5_block(uint8_t type, const std::string& fields,
                              const std::string& extra = {}, const std::string& data = {}) {
    std::string head =
        rar_vint(type) + rar_vint((extra.empty() ? 0U : 1U) + (data.empty() ? 0U : 2U));
    if (!extra.empty()) head += rar_vint(extra.size());
    if (!data.empty()) head += rar_vint(data.size());
    head += fields + extra;
    head = rar_vint(head.size()) + head;
    return rar_number(rar_crc(head), 4) + head + data;
}

// The key's strength, salt and first block: 33 bytes.
inline std::string rar5_encryption() {
    return rar_vint(0) + rar_vint(0) + "\x0f" + std::string(16, 's');
}

inline std::string rar5_file(const made_file& file, bool is_encrypted) {
    const std::string fields = rar_vint(4) + rar_vint(file.bytes.size()) + rar_vint(0100644) +
                               rar_number(rar_crc(file.bytes), 4) + rar_vint(0) + rar_vint(1) +
                               rar_vint(file.name.size()) + file.name;
    std::string extra;
    if (is_encrypted) {
        const std::string record = rar_vint(1) + rar5_encryption() + std::string(16, 'i');
        extra = rar_vint(record.size()) + record;
    }
    return rar5_block(2, fields, extra, file.bytes);
}

inline std::string made_rar4(const std::vector<made_file>& files, rar_secret secret) {
    const bool hides_names = secret == rar_secret::names;
    std::string out = std::string("Rar!\x1a\x07\0", 7) +
                      rar4_block(0x73, hides_names ? 0x80 : 0, std::string(6, '\0'));
    if (hides_names) return out + std::string(200, 'n');
    for (const auto& each : files) out += rar4_file(each, secret == rar_secret::contents);
    return out + rar4_block(0x7b, 0x4000, {});
}

inline std::string made_rar5(const std::vector<made_file>& files, rar_secret secret) {
    const std::string start("Rar!\x1a\x07\1\0", 8);
    if (secret == rar_secret::names)
        return start + rar5_block(4, rar5_encryption()) + std::string(200, 'n');
    std::string out = start + rar5_block(1, rar_vint(0));
    for (const auto& each : files) out += rar5_file(each, secret == rar_secret::contents);
    return out + rar5_block(5, rar_vint(0));
}

}  // namespace ie::testing
