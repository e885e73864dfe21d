#include "config/boot_time.hpp"

#include <ctime>
#include <fstream>
#include <string>

namespace ie {

std::array<uint8_t, 16> boot_id_of(std::string_view text) {
    std::array<uint8_t, 16> out{};
    size_t digits = 0;
    for (const char c : text) {
        if (c == '-' || c == '\n') continue;
        constexpr std::string_view hex = "0123456789abcdef";
        const size_t value = hex.find(c);
        if (value == std::string_view::npos || digits == 2 * out.size()) return {};
        uint8_t& byte = out[digits++ / 2];
        byte = static_cast<uint8_t>(size_t{byte} << 4 | value);
    }
    return digits == 2 * out.size() ? out : std::array<uint8_t, 16>{};
}

boot_time boot_time_now() {
    static const auto id = [] {
        std::ifstream in("/proc/sys/kernel/random/boot_id");
        std::string text;
        std::getline(in, text);
        return boot_id_of(text);
    }();
    timespec at{};
    if (::clock_gettime(CLOCK_BOOTTIME, &at) != 0) return {};
    return {id, int64_t{at.tv_sec} * 1'000 + at.tv_nsec / 1'000'000};
}

}  // namespace ie
