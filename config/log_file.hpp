// The file that a process's log lines go to, whatever becomes of it. Nothing here fails, throws or
// waits for a reader: a log is no reason not to judge mail.
// - The path can't be opened, at the start or when logrotate has moved the file away: lines go on
//   into the file that was open before, and to standard error where there is none any more.
// - The file refuses a line (a full disk): the line is lost and counted, and standard error hears
//   of it once. What was written of it in part is ended by the next line that succeeds.
// Both are tried again by themselves, with a line or a question about it. For one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/system/file_handle.hpp"
#include "messages/error.hpp"

namespace ie {

class log_file {
  public:
    // How often a path that couldn't be opened is tried again.
    static constexpr int64_t retry_ms = 1'000;

    log_file() = default;  // standard error, and nothing is missing
    explicit log_file(std::string path) : path_(std::move(path)) {}

    // Opens the path, again where it is open already. `now_ms`: steady. Fails: storage_failed.
    outcome<nothing> open(int64_t now_ms);
    // Tries what failed before, if it is time to. True where the path is open now, after that.
    bool recover(int64_t now_ms);

    // Appends one or more whole lines. False: they are lost.
    bool append(std::string_view lines);

    // Calls of append() since the last that succeeded.
    uint64_t lost() const { return lost_; }
    // What keeps lines from where they belong, with the path; empty: nothing.
    std::string trouble() const;

  private:
    std::string path_;  // empty: none is wanted
    file_handle file_;  // none: standard error
    std::string open_trouble_;
    std::string write_trouble_;
    int64_t next_try_ms_ = 0;
    uint64_t lost_ = 0;
    bool torn_ = false;  // the file ends within a line
};

}  // namespace ie
