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

// How far it is, behind something unreadable, to where records go on: two of them in a row, or the
// last; one might be chance. Nothing where they don't.
std::optional<size_t> next_record(std::string_view bytes);

}  // namespace ie
