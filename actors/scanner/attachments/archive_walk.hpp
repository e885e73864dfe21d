// Reads an archive in memory, within bounds. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "actors/scanner/attachments/content_kind.hpp"

namespace ie {

// What looking into one mail may cost, all of its archives together; what is used up stays so.
struct scan_budget {
    uint64_t unpacked_bytes = 0;
    uint64_t entries = 0;
    std::function<bool()> is_late;  // no more time
};

// Why an archive wasn't read to its end.
enum class archive_gap : uint8_t { none, encrypted, damaged, too_many, too_large, too_late };

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

// Names first, then contents, so that a large or encrypted entry hides no name behind it; one that
// is compressed as a whole (`compressed`) can only be read in turn.
archive_gap walk_archive(std::string_view bytes, content_kind kind, scan_budget& budget,
                         const archive_visitor& visitor);

}  // namespace ie
