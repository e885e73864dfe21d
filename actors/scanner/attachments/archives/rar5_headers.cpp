#include "actors/scanner/attachments/archives/rar5_headers.hpp"

#include <algorithm>
#include <cstdint>

namespace ie {
namespace {

using namespace std::string_view_literals;

// Takes bytes off the front; of what is too short, what there is.
class byte_reader {
  public:
    explicit byte_reader(std::string_view rest) : rest_(rest) {}

    // Seven bits a byte, the lowest first; the last byte has its highest bit clear.
    uint64_t number() {
        constexpr int bits_max = 64;
        uint64_t value = 0;
        for (int shift = 0; shift < bits_max && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<uint8_t>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) break;
        }
        return value;
    }
    std::string_view take(uint64_t size) {
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    bool is_at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

bool has_encryption_record(std::string_view extra) {
    constexpr uint64_t encryption = 1;
    byte_reader records(extra);
    while (!records.is_at_end()) {
        const uint64_t size = records.number();
        byte_reader record(records.take(size));
        if (size > 0 && record.number() == encryption) return true;
    }
    return false;
}

struct rar5_block {
    uint64_t type = 0;
    byte_reader fields{{}};  // behind those that all blocks have
    std::string_view extra;
};

constexpr uint64_t file_block = 2, service_block = 3, encryption_block = 4;

// Calls visit(rar5_block) for each, until it gives false.
template <class Visit>
void for_each_block(std::string_view bytes, Visit&& visit) {
    constexpr auto signature = "Rar!\x1a\x07\x01\0"sv;
    constexpr uint64_t has_extra = 1, has_data = 2;
    constexpr size_t checksum_bytes = 4;
    if (!bytes.starts_with(signature)) return;
    byte_reader blocks(bytes.substr(signature.size()));
    while (!blocks.is_at_end()) {
        blocks.take(checksum_bytes);
        const uint64_t size = blocks.number();
        const auto block = blocks.take(size);
        if (block.size() < size) return;
        rar5_block out;
        out.fields = byte_reader(block);
        out.type = out.fields.number();
        const uint64_t flags = out.fields.number();
        const uint64_t extra_size = (flags & has_extra) != 0 ? out.fields.number() : 0;
        const uint64_t data_size = (flags & has_data) != 0 ? out.fields.number() : 0;
        out.extra = block.substr(block.size() - std::min<uint64_t>(block.size(), extra_size));
        if (!visit(out)) return;
        blocks.take(data_size);
    }
}

std::string_view name_of_file(byte_reader fields) {
    constexpr uint64_t is_folder = 1, has_time = 2, has_checksum = 4;
    const uint64_t flags = fields.number();
    if ((flags & is_folder) != 0) return {};
    fields.number();  // unpacked bytes
    fields.number();  // attributes
    fields.take((flags & has_time) != 0 ? 4 : 0);
    fields.take((flags & has_checksum) != 0 ? 4 : 0);
    fields.number();  // compression
    fields.number();  // system
    return fields.take(fields.number());
}

}  // namespace

bool is_encrypted_rar5(std::string_view bytes) {
    bool is_encrypted = false;
    for_each_block(bytes, [&](const rar5_block& block) {
        const bool has_files = block.type == file_block || block.type == service_block;
        is_encrypted =
            block.type == encryption_block || (has_files && has_encryption_record(block.extra));
        return !is_encrypted;
    });
    return is_encrypted;
}

std::vector<std::string_view> rar5_names(std::string_view bytes, uint64_t names_max) {
    std::vector<std::string_view> names;
    for_each_block(bytes, [&](const rar5_block& block) {
        const auto name = block.type == file_block ? name_of_file(block.fields) : ""sv;
        if (!name.empty()) names.push_back(name);
        return names.size() < names_max;
    });
    return names;
}

}  // namespace ie
