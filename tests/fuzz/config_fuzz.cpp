// Any text as a settings file: it is read, or refused with the file's name at the head of the
// reason.
#include <cstdint>

#include "config/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = ie::parse_settings(text, "ie.toml");
    if (!parsed && !parsed.failure().what.starts_with("ie.toml:")) __builtin_trap();
    return 0;
}
