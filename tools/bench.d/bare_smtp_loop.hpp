// The plainest client that a mail server can have: so many connections on one thread, each asking
// again as soon as it has its answer: may this sender send a mail now? That is MAIL FROM and the
// RSET that takes it back, in one piece, so that nothing else of a mail costs anything.
#pragma once

#include <cstdint>
#include <string>

namespace ie {

struct smtp_load {
    uint16_t port = 0;  // on 127.0.0.1
    std::string sender;
    uint32_t connections = 16;
    int64_t duration_ms = 2'000;
};

// Returns the answers a second; a refused sender is a bug.
double run_bare_smtp_loop(const smtp_load& load);

}  // namespace ie
