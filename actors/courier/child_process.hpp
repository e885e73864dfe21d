// A program started with pipes to its standard input, output and error. Killed and reaped at the
// end, if it hasn't ended by itself.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "messages/error.hpp"

namespace ie {

class child_process {
  public:
    // `arguments` begins with the program's path. Fails: delivery_failed.
    static outcome<child_process> start(const std::vector<std::string>& arguments);
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&&) = delete;
    ~child_process();

    int input() const { return input_; }  // non-blocking, as the others; -1 once closed
    int output() const { return output_; }
    int errors() const { return errors_; }
    void close_input();
    void close_output();
    void close_errors();

    // Waits for its end, at most that long. True if it has ended and is reaped.
    bool wait(int timeout_ms);

  private:
    child_process() = default;

    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    int errors_ = -1;
};

// While it lives, a write to a closed pipe on this thread is EPIPE and no signal.
class no_broken_pipe_signal {
  public:
    no_broken_pipe_signal();
    ~no_broken_pipe_signal();
    no_broken_pipe_signal(const no_broken_pipe_signal&) = delete;
    no_broken_pipe_signal& operator=(const no_broken_pipe_signal&) = delete;

  private:
    bool was_blocked_ = false;
};

}  // namespace ie
