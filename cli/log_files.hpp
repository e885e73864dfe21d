// The engine's and the hook's log files as one stream of lines (config/log.hpp has their shape):
// the last of them, and what is added, across logrotate's renaming. Reads only.
#pragma once

#include <deque>
#include <memory>
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

    const std::string& path() const { return path_; }

    // The last `count` lines that match, oldest first. Fails: not_permitted, not_found,
    // storage_failed.
    outcome<std::deque<log_line>> last(size_t count);

    // What came since. After logrotate moved the file away, both it and the new one are read: its
    // writer goes on with it until it is told to reopen. A file that isn't there, or can't be read,
    // has nothing new.
    std::deque<log_line> news();

  private:
    struct opened;

    void read_on(opened& file, std::deque<log_line>& into, size_t count);
    void take(opened& file, std::deque<log_line>& into, size_t count);

    std::string path_;
    log_filter filter_;
    std::shared_ptr<opened> current_;   // null: not open
    std::shared_ptr<opened> previous_;  // what had the name before
};

// Paths of `*.log` in a folder, sorted. Fails: not_permitted, not_found, storage_failed.
outcome<std::vector<std::string>> log_paths(const std::string& folder);

}  // namespace ie::cli
