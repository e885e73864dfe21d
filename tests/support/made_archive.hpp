// Archives made in memory, of any format that libarchive writes.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <clocale>

#include <stdexcept>
#include <string>
#include <vector>

namespace ie::testing {

struct made_file {
    std::string name;
    std::string bytes;
};

// `format`: "zip", "7zip", "iso9660", "ustar", "cpio", …; `filter`: "none", "gzip", "xz", …;
// `options` as archive_write_set_options(3) takes them; a passphrase encrypts (zip only).
inline std::string made_archive(const std::string& format, const std::vector<made_file>& files,
                                const std::string& filter = "none", const std::string& options = {},
                                const char* passphrase = nullptr) {
    // Names are written as they are in the thread's locale.
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    const locale_t before = uselocale(utf8);
    archive* const to = archive_write_new();
    const auto must = [&](int result) {
        if (result < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(to));
    };
    std::string out(1 << 16, '\0');
    for (const auto& each : files) out.resize(out.size() + each.bytes.size() + 8'192);
    if (format == "iso9660") out.resize(out.size() + (4 << 20));
    must(archive_write_set_format_by_name(to, format.c_str()));
    if (filter != "none") must(archive_write_add_filter_by_name(to, filter.c_str()));
    if (!options.empty()) must(archive_write_set_options(to, options.c_str()));
    if (passphrase != nullptr) must(archive_write_set_passphrase(to, passphrase));
    archive_write_set_bytes_in_last_block(to, 1);
    size_t used = 0;
    must(archive_write_open_memory(to, out.data(), out.size(), &used));
    for (const auto& each : files) {
        archive_entry* const entry = archive_entry_new();
        archive_entry_set_pathname_utf8(entry, each.name.c_str());
        archive_entry_set_size(entry, static_cast<la_int64_t>(each.bytes.size()));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        must(archive_write_header(to, entry));
        archive_write_data(to, each.bytes.data(), each.bytes.size());
        archive_entry_free(entry);
    }
    must(archive_write_close(to));
    archive_write_free(to);
    uselocale(before);
    out.resize(used);
    return out;
}

inline std::string zip_of(const std::vector<made_file>& files) {
    return made_archive("zip", files);
}

// A header that Windows would load, and nothing to run.
inline std::string inert_program() {
    std::string bytes(0x40, '\0');
    bytes.replace(0, 2, "MZ");
    bytes[0x3c] = 0x40;
    return bytes.append("PE\0\0", 4).append(64, '\0');
}

}  // namespace ie::testing
