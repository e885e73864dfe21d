// The plainest thing that libcurl's multi interface can do: so many handles on one thread, each
// posting the same bytes again as soon as it has its answer. What a client of ours is compared
// with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ie {

struct bare_load {
    std::string url;
    std::string mail;
    std::vector<std::string> headers;
    uint32_t connections = 32;
    int64_t duration_ms = 3'000;
};

// Returns the answers a second.
double run_bare_curl_loop(const bare_load& load);

}  // namespace ie
