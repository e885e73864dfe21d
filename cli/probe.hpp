// Asking other programs whether they are there: short, bounded, and changing nothing.
#pragma once

#include <string>

#include "messages/error.hpp"

namespace ie::cli {

inline constexpr int probe_ms_max = 5'000;  // for one answer

// Does someone accept connections at this Unix socket? Fails: unavailable.
outcome<nothing> knock(const std::string& path);

// The same without a connection, for a socket where each starts a program. Fails: unavailable.
outcome<nothing> look_for_listener(const std::string& path);

// The first line that the program behind a Unix socket says of itself. Fails: unavailable.
outcome<std::string> greeting(const std::string& path);

// A GET that is answered with 200. Fails: unavailable.
outcome<nothing> http_get(const std::string& url);

}  // namespace ie::cli
