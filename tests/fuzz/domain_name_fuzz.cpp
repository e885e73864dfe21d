// Any text as a domain and as an address: what is in normal form stays so, and within its bounds.
#include <cstdint>

#include "config/domain_name.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto domain = ie::normal_domain(text)) {
        if (domain->size() > ie::domain_bytes_max) __builtin_trap();
        if (ie::normal_domain(*domain) != domain) __builtin_trap();
    }
    if (const auto address = ie::normal_address(text)) {
        if (address->size() > ie::mail_address_bytes_max) __builtin_trap();
        if (ie::normal_address(*address) != address) __builtin_trap();
        if (!ie::normal_domain(ie::domain_part(*address))) __builtin_trap();
    }
    return 0;
}
