// Reads an archive in memory, within bounds. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "actors/scanner/attachments/content_kind.hpp"

namespace ie {

// What looking into something may cost; what is used up stays so.
struct scan_budget {
    uint64_t names = 0;             // of a mail: more than any honest one has
    uint64_t unpacked_bytes = 0;    // of an attachment, with all that is in it
    uint64_t entries = 0;           // of an attachment: contents that are looked at
    std::function<bool()> is_late;  // no more time
};

constexpr uint64_t archive_names_max = 100'000;

// Why an archive wasn't read to its end.
enum class archive_gap : uint8_t {
    none,
    encrypted,
    damaged,
    too_many,  // contents
    too_large,
    too_late,
    too_many_names,
};

// "encrypted: judged by its names"
std::string_view gap_text(archive_gap gap);

struct archive_visitor {
    // Each entry's name, once or twice, whether its content can be had or not.
    std::function<void(std::string_view name)> on_name;
    // How many bytes of the entry are wanted, by its name and first bytes.
    std::function<uint64_t(std::string_view name, std::string_view head)> wanted;
    // The entry, as far as it was wanted and could be had.
    std::function<void(std::string_view name, std::string_view bytes)> on_file;
};

// How much of each entry is read in any case.
constexpr uint64_t entry_head_bytes = 4'096;

// All names, as far as they can be had without unpacking what is compressed as a whole
// (`compressed`).
archive_gap list_archive(std::string_view bytes, content_kind kind, scan_budget& budget,
                         const archive_visitor& visitor);

// Contents; of what is compressed as a whole the names, too.
archive_gap read_archive(std::string_view bytes, content_kind kind, scan_budget& budget,
                         const archive_visitor& visitor);

}  // namespace ie
