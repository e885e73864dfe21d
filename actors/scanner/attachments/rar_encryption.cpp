#include "actors/scanner/attachments/rar_encryption.hpp"

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

}  // namespace

bool is_encrypted_rar5(std::string_view bytes) {
    constexpr auto signature = "Rar!\x1a\x07\x01\0"sv;
    constexpr uint64_t file = 2, service = 3, encryption = 4, has_extra = 1, has_data = 2;
    constexpr size_t checksum_bytes = 4;
    if (!bytes.starts_with(signature)) return false;
    byte_reader blocks(bytes.substr(signature.size()));
    while (!blocks.is_at_end()) {
        blocks.take(checksum_bytes);
        const uint64_t size = blocks.number();
        const auto block = blocks.take(size);
        if (block.size() < size) return false;
        byte_reader head(block);
        const uint64_t type = head.number();
        const uint64_t flags = head.number();
        const uint64_t extra_size = (flags & has_extra) != 0 ? head.number() : 0;
        const uint64_t data_size = (flags & has_data) != 0 ? head.number() : 0;
        if (type == encryption) return true;
        const auto extra =
            block.substr(block.size() - std::min<uint64_t>(block.size(), extra_size));
        if ((type == file || type == service) && has_encryption_record(extra)) return true;
        blocks.take(data_size);
    }
    return false;
}

}  // namespace ie
