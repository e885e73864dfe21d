// Any text as cPanel's userdatadomains, on top of a domain map.
#include <cstdint>

#include "config/account_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto directory = *ie::account_directory::parse("shop.alice.test: alice\n");
    const auto added = directory.add_user_data(text);
    if (added && directory.domain_count() > size + 1) __builtin_trap();
    if (directory.owner_of_domain("shop.alice.test") != ie::account_name{"alice"}) __builtin_trap();
    return 0;
}
