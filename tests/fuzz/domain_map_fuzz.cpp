// Any text as a domain map.
#include <cstdint>

#include "config/account_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = ie::account_directory::parse(text);
    if (parsed && parsed->domain_count() > size) __builtin_trap();
    return 0;
}
