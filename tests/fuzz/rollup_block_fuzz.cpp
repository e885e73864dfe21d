// A block of counts, as a damaged disk would give it back: what can be read is written back the
// same (of the second format, what this version knows of it), and two such blocks can be added.
#include <cstdint>

#include "actors/statistics/rollup_block.hpp"

namespace {

void require(bool condition) {
    if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    ie::block_reader reader(bytes);
    size_t rows = 0;
    while (reader.next()) ++rows;
    require(reader.offset() <= bytes.size());
    const auto block = ie::decode_block(bytes);
    require(static_cast<bool>(block) != reader.damaged());
    if (!block) return 0;
    require(block->size() == rows);
    const std::string written = ie::encode_block(*block);
    if (bytes.front() == 1) {
        require(written == bytes);
    } else {
        require(written.size() <= bytes.size());
        const auto again = ie::decode_block(written);
        require(again && *again == *block);
    }
    ie::block_rows sum = *block;
    ie::add_rows(sum, *block);
    require(sum.size() == block->size());
    return 0;
}
