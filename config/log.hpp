// Log lines that operators tail, one file a process:
//   2026-11-22T07:53:06.123Z info quarantine mail_quarantined mail=1nFEym-0005TO-Qs account=mws
// UTC time, level, actor, event, `mail=` (Exim's queue id) where it is about one, then keys in the
// order given. Values are quoted and escaped where they aren't plain. A line is in the file before
// the call returns, so that a kill loses none. A log that can't be written never fails, throws or
// ends anything (config/log_file.hpp). Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "config/event.hpp"
#include "messages/error.hpp"
#include "messages/log_keys.hpp"

namespace ie {

enum class log_level : uint8_t { debug, info, warn, error };
constexpr auto enum_names(log_level) {
    return std::array<std::string_view, 4>{"debug", "info", "warn", "error"};
}

struct log_pair {
    std::string_view key;
    std::string value;  // escaped
};

template <class T>
log_pair kv(std::string_view key, const T& value) {
    return {key, log_text(value)};
}

// Opens `path` for appending; an empty one logs to standard error. Call once, before any thread.
// Fails: storage_failed; lines go to standard error then, and the path is tried again by itself.
outcome<nothing> open_log(const std::string& path, log_level level);

// Opens the same path again, after logrotate has moved the file away. Fails: storage_failed; lines
// go on to where they went before, and the path is tried again by itself.
outcome<nothing> reopen_log();

// What keeps lines from the file that they belong in, for `status`; empty: nothing does.
std::string log_trouble();

// Closes the file. What is logged later goes to standard error.
void close_log();

void set_log_level(log_level level);
bool log_enabled(log_level level);

// What one actor writes under its name. Cheap to copy.
class logger {
  public:
    explicit logger(std::string_view actor) : actor_(actor) {}

    template <class... Pairs>
    void debug(event_name event, const Pairs&... pairs) const {
        write(log_level::debug, event, pairs...);
    }
    template <class... Pairs>
    void info(event_name event, const Pairs&... pairs) const {
        write(log_level::info, event, pairs...);
    }
    template <class... Pairs>
    void warn(event_name event, const Pairs&... pairs) const {
        write(log_level::warn, event, pairs...);
    }
    template <class... Pairs>
    void error(event_name event, const Pairs&... pairs) const {
        write(log_level::error, event, pairs...);
    }

  private:
    template <class... Pairs>
    void write(log_level level, event_name event, const Pairs&... pairs) const {
        if (!log_enabled(level)) return;
        std::string keys;
        (append(keys, pairs), ...);
        write_line(level, actor_, event, keys);
    }
    static void append(std::string& keys, const log_pair& pair) {
        keys.append(" ").append(pair.key).append("=").append(pair.value);
    }
    static void append(std::string& keys, const queue_id& mail) { append(keys, kv("mail", mail)); }
    static void write_line(log_level level, std::string_view actor, event_name event,
                           const std::string& keys);

    std::string actor_;
};

// A bug of ours: logs and aborts where `condition` doesn't hold. Always compiled in.
void ensure(bool condition, std::string_view what);

}  // namespace ie
