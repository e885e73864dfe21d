// Runs the real programs and looks at what they print.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace ie::testing {

// What one of its standard streams is.
enum class stream { pipe, terminal };

struct start_options {
    std::map<std::string, std::string> environment;  // besides the test's own
    std::string input;               // for standard input; a terminal stays open behind it
    stream keyboard = stream::pipe;  // where that comes from
    stream output = stream::pipe;
    stream errors = stream::pipe;
    std::string folder;  // to run in; empty: the test's
};

struct result {
    int exit_code = -1;  // -1: ended by a signal, or by us after the deadline
    std::string output;
    std::string errors;
};

// A program that runs; it is ended with the object. Our own programs are found on its PATH.
class process {
  public:
    process(const std::vector<std::string>& command, const start_options& options);
    ~process();
    process(const process&) = delete;
    process& operator=(const process&) = delete;

    // Reads on until standard output has this text. False after the deadline.
    bool says(const std::string& text);

    result wait();

  private:
    bool read_some(int wait_ms);
    void feed();

    pid_t pid_ = -1;
    std::string input_;
    bool types_ = false;  // into a terminal
    int input_fd_ = -1;
    int output_fd_ = -1;
    int errors_fd_ = -1;
    result so_far_;
};

result run(const std::vector<std::string>& command, const start_options& options = {});

}  // namespace ie::testing
