// Proves that the fuzzing finds things: the bug below is meant, and the test passes only if it is
// found. Most values of one field have it, so that it takes seconds and not luck.
#include <cstdint>
#include <string_view>

#include "messages/wire.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto head = ie::decode_head(bytes);
    if (head && head->request_id > 7) __builtin_trap();
    return 0;
}
