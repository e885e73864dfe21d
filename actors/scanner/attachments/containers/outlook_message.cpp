#include "actors/scanner/attachments/containers/outlook_message.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_set>

namespace ie {
namespace {

using namespace std::string_view_literals;

// Little endian; 0 beyond the end.
uint64_t number_at(std::string_view bytes, uint64_t at, size_t size) {
    uint64_t value = 0;
    for (size_t i = size; i > 0; --i) {
        value <<= 8;
        if (at + i <= bytes.size()) value |= static_cast<uint8_t>(bytes[at + i - 1]);
    }
    return value;
}

// Good enough for an extension: other than ASCII becomes '_'.
std::string ascii_of_utf16(std::string_view text) {
    std::string out;
    for (size_t i = 0; i + 1 < text.size(); i += 2) {
        const bool is_plain = text[i + 1] == '\0' && static_cast<uint8_t>(text[i]) < 128;
        if (is_plain && text[i] == '\0') break;
        out += is_plain ? text[i] : '_';
    }
    return out;
}

struct directory_entry {
    std::string name;
    uint8_t type = 0;  // 1 storage, 2 stream, 5 the root
    uint32_t left = 0, right = 0, child = 0;
    uint32_t start = 0;
    uint64_t size = 0;
};

constexpr uint32_t last_sector = 0xfffffffa;  // what is above it is none
constexpr uint8_t storage = 1, stream = 2;

// MS-CFB, 2.2 to 2.6.
class compound_file {
  public:
    explicit compound_file(std::string_view bytes)
        : bytes_(bytes),
          shift_(number_at(bytes, 30, 2)),
          mini_shift_(number_at(bytes, 32, 2)),
          bytes_left_(2 * bytes.size()) {
        constexpr size_t directory_at = 48, mini_table_at = 60, entry_bytes = 128;
        if (shift_ < 7 || shift_ > 16 || mini_shift_ > shift_) return;
        const std::string directory = chain(number(directory_at));
        for (size_t at = 0; at + entry_bytes <= directory.size(); at += entry_bytes) {
            entries_.push_back(read_entry(std::string_view(directory).substr(at, entry_bytes)));
        }
        if (entries_.empty()) return;
        mini_table_ = chain(number(mini_table_at));
        mini_stream_ = chain(entries_[0].start);
    }

    const std::vector<directory_entry>& entries() const { return entries_; }

    // What is in a storage, by the tree that its entries make.
    std::vector<const directory_entry*> children_of(const directory_entry& of) const {
        std::vector<const directory_entry*> found;
        std::unordered_set<uint32_t> seen;
        std::vector<uint32_t> waiting{of.child};
        while (!waiting.empty()) {
            const uint32_t at = waiting.back();
            waiting.pop_back();
            if (at >= entries_.size() || !seen.insert(at).second) continue;
            found.push_back(&entries_[at]);
            waiting.push_back(entries_[at].left);
            waiting.push_back(entries_[at].right);
        }
        return found;
    }

    std::string content(const directory_entry& of) {
        constexpr size_t cutoff_at = 56;
        std::string out =
            of.size < number(cutoff_at) ? mini_chain(of.start, of.size) : chain(of.start);
        out.resize(static_cast<size_t>(std::min<uint64_t>(out.size(), of.size)));
        return out;
    }

  private:
    uint32_t number(uint64_t at) const { return static_cast<uint32_t>(number_at(bytes_, at, 4)); }

    static directory_entry read_entry(std::string_view raw) {
        const auto field = [&](size_t at) { return static_cast<uint32_t>(number_at(raw, at, 4)); };
        return {ascii_of_utf16(raw.substr(0, 64)),
                static_cast<uint8_t>(raw[66]),
                field(68),
                field(72),
                field(76),
                field(116),
                number_at(raw, 120, 8)};
    }

    std::string_view sector(uint64_t number) const {
        const uint64_t at = (number + 1) << shift_;
        return at < bytes_.size() ? bytes_.substr(at, size_t{1} << shift_) : std::string_view{};
    }

    // Behind a sector, by the table of all; its sectors are listed in the header and, beyond that,
    // in a chain of their own.
    uint32_t next(uint32_t number_of) const {
        constexpr size_t listed_at = 76, listed_max = 109, first_list_at = 68;
        const uint64_t per_sector = (uint64_t{1} << shift_) / 4;
        uint64_t index = number_of / per_sector;
        uint64_t table = 0;
        if (index < listed_max) {
            table = number(listed_at + 4 * index);
        } else {
            index -= listed_max;
            uint64_t list = number(first_list_at);
            for (; index >= per_sector - 1 && list <= last_sector; index -= per_sector - 1) {
                list = number_at(sector(list), 4 * (per_sector - 1), 4);
            }
            table = number_at(sector(list), 4 * index, 4);
        }
        return static_cast<uint32_t>(number_at(sector(table), 4 * (number_of % per_sector), 4));
    }

    std::string chain(uint32_t at) {
        std::string out;
        while (at <= last_sector) {
            const auto part = sector(at);
            if (part.empty() || part.size() > bytes_left_) break;
            bytes_left_ -= part.size();
            out += part;
            at = next(at);
        }
        return out;
    }

    std::string mini_chain(uint32_t at, uint64_t size) {
        std::string out;
        const size_t part_bytes = size_t{1} << mini_shift_;
        while (at <= last_sector && out.size() < size) {
            const uint64_t begin = uint64_t{at} << mini_shift_;
            if (begin >= mini_stream_.size() || part_bytes > bytes_left_) break;
            bytes_left_ -= part_bytes;
            out += mini_stream_.substr(begin, part_bytes);
            at = static_cast<uint32_t>(number_at(mini_table_, 4 * uint64_t{at}, 4));
        }
        return out;
    }

    std::string_view bytes_;
    uint64_t shift_, mini_shift_;
    uint64_t bytes_left_;  // that may still be copied: chains may run in circles
    std::vector<directory_entry> entries_;
    std::string mini_table_;
    std::string mini_stream_;
};

}  // namespace

bool is_compound_file(std::string_view bytes) {
    return bytes.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv);
}

std::vector<outlook_file> outlook_files(std::string_view bytes, size_t files_max) {
    std::vector<outlook_file> files;
    if (!is_compound_file(bytes)) return files;
    compound_file from(bytes);
    for (const auto& each : from.entries()) {
        if (each.type != storage || !each.name.starts_with("__attach_version1.0_")) continue;
        if (files.size() >= files_max) break;
        auto& file = files.emplace_back();
        for (const auto* part : from.children_of(each)) {
            constexpr std::string_view value = "__substg1.0_";
            if (part->type != stream || !part->name.starts_with(value)) continue;
            const auto tag = std::string_view(part->name).substr(value.size());
            const bool is_name =
                tag.starts_with("3707") || tag.starts_with("3704") || tag.starts_with("3001");
            if (tag.starts_with("37010102")) file.bytes = from.content(*part);
            if (is_name && tag.ends_with("001F")) {
                file.names.push_back(ascii_of_utf16(from.content(*part)));
            } else if (is_name && tag.ends_with("001E")) {
                file.names.push_back(from.content(*part));
            }
        }
    }
    return files;
}

}  // namespace ie
