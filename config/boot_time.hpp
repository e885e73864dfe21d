// How long the machine has been up, and which of its boots this is: what time has passed between
// two processes of one boot is known exactly, whatever was done to the calendar.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ie {

struct boot_time {
    std::array<uint8_t, 16> id{};  // of the boot; all 0: not known
    int64_t ms = 0;                // since it began, suspended or not

    bool is_known() const { return id != decltype(id){}; }
    bool is_same_boot(const boot_time& other) const { return is_known() && id == other.id; }
};

// All 0 where the text isn't 32 hex digits, with hyphens anywhere between them.
std::array<uint8_t, 16> boot_id_of(std::string_view text);

// Of this machine, by /proc/sys/kernel/random/boot_id and CLOCK_BOOTTIME.
boot_time boot_time_now();

}  // namespace ie
