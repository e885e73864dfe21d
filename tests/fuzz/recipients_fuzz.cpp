// Exim's $recipients: whatever it holds, no byte of an address is lost and the bounds are kept.
#include "gateway/exim_hook/recipient_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view joined(reinterpret_cast<const char*>(data), size);
    const ie::recipient_bounds bounds{.count_max = 100, .size_bytes_max = 4'096};
    const auto list = ie::split_recipients(joined, bounds);
    size_t size_bytes = 0;
    size_t from = 0;
    for (const auto& address : list.addresses) {
        const size_t at = joined.find(address, from);
        if (address.empty() || at == std::string_view::npos) __builtin_trap();
        from = at + address.size();
        size_bytes += address.size();
    }
    if (list.addresses.size() > bounds.count_max) __builtin_trap();
    if (size_bytes > bounds.size_bytes_max) __builtin_trap();
    return 0;
}
