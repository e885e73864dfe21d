// Runs another program to its end: no shell, bounded in time and in what it may say. Not for a
// process that has threads which fork.
#pragma once

#include <string>
#include <vector>

#include "messages/error.hpp"

namespace ie {

inline constexpr size_t program_output_bytes_max = 4 << 20;

struct program_call {
    std::vector<std::string> arguments;  // the first is the program's path
    std::string input{};                 // its standard input
    int timeout_ms = 30'000;             // then it is killed
};

struct program_end {
    int status = 0;      // exit code; 128 and more: ended by a signal
    std::string output;  // standard output and standard error
};

// "exim4 -bV", for messages.
std::string command_text(const program_call& call);

// Fails: unavailable (it can't be started, takes too long or says too much).
outcome<program_end> run_program(const program_call& call);

// The same; an exit code other than 0 fails, too, with the end of what was said.
outcome<std::string> output_of_program(const program_call& call);

}  // namespace ie
