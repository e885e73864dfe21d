// The rate limiter's journal: files of records ("segments") in a folder, appended to before a
// verdict is out and deleted when nothing in them counts any more. What was appended survives the
// engine's death at once, and the machine's after the next sync. Owns the folder; one thread at a
// time.
//
// What fails, and what is left:
// - A segment is damaged, or the disk can't give all of it: it is set aside as
//   NUMBER.journal.damaged-TIME; what can be read of it counts, and stands in its place.
// - A segment ends in half a record, as after a power cut: what stands before counts.
// - A segment or the folder can't be read for another reason: nothing is touched; it isn't counted
//   in this life, and the next open() tries again.
// - A record can't be written: it waits, within bounds, and is written with the next one.
// - A sync fails: what it was for may be lost in a power cut; what comes next goes to a new
// segment.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>

#include "actors/journal/segment_file.hpp"
#include "actors/rate_limiter/journal_record.hpp"
#include "messages/error.hpp"

namespace ie {

class quota_journal {
  public:
    // A file is begun anew after that many bytes, or a sixth of the span.
    static constexpr size_t segment_bytes_max = 64 << 20;
    static constexpr size_t waiting_bytes_max = 4 << 20;  // that the disk has refused

    // What is in the journal, oldest first; in batches, so that a reader can look ahead.
    using reader = std::function<void(const std::vector<journal_record>&)>;

    // What was found: where time stood, and what was wrong, in words.
    struct history {
        std::optional<time_anchor> anchor;  // the last one
        int64_t last_ms = 0;                // of the last record
        uint64_t records = 0;
        uint64_t unreadable_bytes = 0;       // of half records, and between others
        std::vector<std::string> set_aside;  // what was damaged, and where it is now
        std::vector<std::string> unread;     // what couldn't be read
    };

    // Makes the folder where there is none, and reads what is there, as far as it can be.
    static quota_journal open(const std::string& folder, int64_t span_ms, const reader& read,
                              fault_point fault = {});
    quota_journal(quota_journal&&) noexcept;
    quota_journal& operator=(quota_journal&&) noexcept;
    ~quota_journal();

    const history& found() const { return found_; }

    // All of them in one write. Fails: storage_failed; they are written with the next call then, as
    // far as there is room for what waits.
    outcome<nothing> append(std::initializer_list<journal_record> records, const time_anchor& now);

    // What makes all that was appended so far survive a power cut; may take long, in any thread.
    // Empty where there is nothing new. Fails: storage_failed; tell_failed_sync() then.
    std::function<outcome<nothing>()> take_sync();
    // The kernel tells a failed sync once: what is written to that file from now on could seem safe
    // and not be.
    void tell_failed_sync();

  private:
    struct segment {
        std::string path;
        int64_t begun_ms = 0;
    };

    quota_journal(std::string folder, int64_t span_ms, fault_point fault);
    outcome<std::vector<std::string>> list_segments();
    void read_segment(const std::string& path, const reader& read);
    void set_aside(const segment_file& file, const std::string& why);
    outcome<nothing> begin_segment(int64_t now_ms);
    outcome<nothing> write_waiting();
    void drop_old_segments(int64_t now_ms);

    std::string folder_;
    int64_t span_ms_;
    fault_point fault_;
    history found_;
    bool listed_ = false;                 // last_number_ is known
    std::deque<segment> segments_;        // oldest first
    std::shared_ptr<segment_file> file_;  // of the last one; null: none to append to
    uint64_t last_number_ = 0;
    int64_t begin_at_ms_ = 0;                              // no new segment before
    int64_t anchored_ms_ = 0;                              // when the last anchor was written
    std::vector<std::shared_ptr<segment_file>> unsynced_;  // appended to since the last sync
    std::string waiting_;                                  // records that aren't in a file
};

}  // namespace ie
