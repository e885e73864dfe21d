// What goes beside every request from outside to the actor that serves it.
#pragma once

#include <chrono>

#include "messages/caller.hpp"

namespace ie {

// A monotonic clock's milliseconds: deadlines don't move when the system's or a lab's time is set.
inline int64_t steady_now_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

struct request_context {
    caller who;
    int64_t deadline_at_ms = 0;  // by steady_now_ms(); after it nobody waits for the answer

    static constexpr auto fields() {
        return std::tuple{field{"caller", &request_context::who},
                          field{"deadline_at_ms", &request_context::deadline_at_ms}};
    }
};

}  // namespace ie
