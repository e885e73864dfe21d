// The engine's and the hook's log files as one stream of lines (config/log.hpp has their shape):
// the last of them, and what is added, across logrotate's renaming. Reads only.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "config/log.hpp"

namespace ie::cli {

struct log_line {
    std::string time;  // as written; sorts as text
    std::string level;
    std::string actor;
    std::string event;
    std::string keys;  // the rest, with the lines that belong to this one
};

// Nothing where the text isn't the beginning of a log line.
std::optional<log_line> parse_log_line(std::string_view text);

struct log_filter {
    std::string actor;                   // empty: every one
    log_level least = log_level::debug;  // this and above
};

bool matches(const log_line& line, const log_filter& filter);

// One file. What it has read it doesn't read again.
class log_reader {
  public:
    log_reader(std::string path, log_filter filter);
    ~log_reader();
    log_reader(log_reader&& other) noexcept;
    log_reader& operator=(log_reader&&) = delete;

    const std::string& path() const { return path_; }

    // The last `count` lines that match, oldest first, and where the file ends now.
    // Fails: not_permitted, not_found, storage_failed.
    outcome<std::deque<log_line>> last(size_t count);

    // What came since; reads a file that logrotate moved away to its end, then the new one.
    // A file that isn't there, or can't be read, has nothing new.
    std::deque<log_line> news();

  private:
    bool open();
    void close();
    void read_on(std::deque<log_line>& into, size_t count);
    void take(std::string_view line, std::deque<log_line>& into, size_t count);

    std::string path_;
    log_filter filter_;
    int fd_ = -1;
    std::string partial_;  // a line that isn't complete yet
    bool wanted_ = false;  // does the line before match?
};

// Paths of `*.log` in a folder, sorted. Fails: not_permitted, not_found, storage_failed.
outcome<std::vector<std::string>> log_paths(const std::string& folder);

}  // namespace ie::cli
