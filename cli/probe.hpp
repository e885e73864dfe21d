// Asking other programs whether they are there: short, bounded, and changing nothing.
#pragma once

#include "messages/error.hpp"

namespace ie::cli {

inline constexpr int probe_ms_max = 2'000;  // for one answer
inline constexpr int program_ms_max = 10'000;

// Does someone accept connections at this Unix socket? Fails: unavailable.
outcome<nothing> knock(const std::string& path);

// The first line that the program behind a Unix socket says of itself. Fails: unavailable.
outcome<std::string> greeting(const std::string& path);

// A GET that is answered with 200. Fails: unavailable.
outcome<nothing> http_get(const std::string& url);

// What a program prints on standard output. Fails: unavailable (it can't be started, ends with
// another code than 0, or takes longer than program_ms_max).
outcome<std::string> output_of(const std::string& program, const std::string& argument);

}  // namespace ie::cli
