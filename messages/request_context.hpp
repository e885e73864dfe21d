// What goes beside every request from outside to the actor that serves it.
#pragma once

#include "messages/caller.hpp"
#include "messages/steady_clock.hpp"

namespace ie {

struct request_context {
    caller who;
    int64_t deadline_at_ms = 0;  // by steady_now_ms(); after it nobody waits for the answer

    static constexpr auto fields() {
        return std::tuple{field{"caller", &request_context::who},
                          field{"deadline_at_ms", &request_context::deadline_at_ms}};
    }
};

}  // namespace ie
