// The clock of deadlines. All processes of one machine read the same one.
#pragma once

#include <chrono>
#include <cstdint>

namespace ie {

// A monotonic clock's milliseconds: deadlines don't move when the system's or a lab's time is set.
inline int64_t steady_now_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace ie
