// What the rate limiter writes down before it says a word, so that a new start knows the counts of
// the old one. Pure: records to bytes and back. A record that isn't whole, or was altered, ends the
// reading: what stands before it counts.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "config/boot_time.hpp"
#include "messages/limits.hpp"

namespace ie {

// How the limiter's own time goes with the machine's and the calendar's: what tells how long the
// engine was away.
struct time_anchor {
    int64_t at_ms = 0;    // the limiter's
    int64_t wall_ms = 0;  // Unix time
    boot_time boot{};     // not known: as earlier versions have written it
};
struct mail_counted {
    quota_reservation reservation;
};
struct mail_given_back {
    quota_reservation reservation;
    int64_t at_ms = 0;  // when
};
struct object_forgotten {
    object_key key;
    int64_t at_ms = 0;
};
using journal_record = std::variant<time_anchor, mail_counted, mail_given_back, object_forgotten>;

inline constexpr size_t journal_record_bytes_max = 128;

void append_record(std::string& out, const journal_record& record);

// Takes a record off the front of `bytes`; nothing where there is no whole, unaltered one.
std::optional<journal_record> take_record(std::string_view& bytes);

// Records as they stand in a file (journal_scan.hpp). Behind something unreadable they go on with
// two in a row, or the last; one might be chance.
class record_layout {
  public:
    std::optional<journal_record> take(std::string_view window, uint64_t offset, int& error);
    uint64_t size_of(const journal_record&) const { return size_; }
    static size_t record_bytes_max() { return 2 * journal_record_bytes_max; }
    static size_t window_bytes() { return 1 << 20; }
    static size_t alignment() { return 1; }

  private:
    uint64_t next_ = 0;  // where a record is expected
    uint64_t size_ = 0;
};

}  // namespace ie
