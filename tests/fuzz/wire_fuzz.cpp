// Any bytes as the body of any message: decoding never crashes, and what it accepts it can encode
// and read again as the same.
#include <cstdint>

#include "messages/all.hpp"
#include "messages/wire.hpp"

namespace {

template <class T>
void try_one(std::string_view bytes) {
    if constexpr (std::is_same_v<T, ie::error>) {
        (void)ie::decode_error(bytes);
    } else {
        const auto value = ie::decode<T>(bytes);
        if (!value) return;
        const auto again = ie::decode<T>(ie::encode(*value), ie::reply_body_bytes_max);
        if (!again || ie::encode(*again) != ie::encode(*value)) __builtin_trap();
    }
}

template <class... Ts>
void try_all(ie::type_list<Ts...>, std::string_view bytes) {
    (try_one<Ts>(bytes), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)ie::decode_head(bytes);
    try_all(ie::wire_messages{}, bytes);
    return 0;
}
