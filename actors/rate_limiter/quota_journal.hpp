// The rate limiter's journal: files of records in a folder, appended to before a verdict is out and
// deleted when nothing in them counts any more. What was appended survives the engine's death at
// once, and the machine's after the next sync. Owns the folder; one thread at a time.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "actors/rate_limiter/journal_record.hpp"
#include "messages/error.hpp"

namespace ie {

class file_handle;

class quota_journal {
  public:
    // A file is begun anew after that many bytes, or a sixth of the span.
    static constexpr size_t segment_bytes_max = 64 << 20;

    // What is in the journal, oldest first; in batches, so that a reader can look ahead.
    using reader = std::function<void(const std::vector<journal_record>&)>;

    // What was found: where time stood, and whether a file ended in something unreadable.
    struct history {
        std::optional<time_anchor> anchor;  // the last one
        int64_t last_ms = 0;                // of the last record
        uint64_t records = 0;
        uint64_t unreadable_bytes = 0;
    };

    // Makes the folder where there is none, and reads what is there. Fails: storage_failed.
    static outcome<quota_journal> open(const std::string& folder, int64_t span_ms,
                                       const reader& read);
    quota_journal(quota_journal&&) noexcept;
    quota_journal& operator=(quota_journal&&) noexcept;
    ~quota_journal();

    const history& found() const { return found_; }

    // Fails: storage_failed; the next call tries anew, in a file of its own.
    outcome<nothing> append(const journal_record& record, time_anchor now);

    // What makes all that was appended so far survive a power cut; may take long, in any thread.
    // Empty where there is nothing new. Fails: storage_failed.
    std::function<outcome<nothing>()> take_sync();

  private:
    struct segment {
        std::string path;
        int64_t begun_ms = 0;
    };

    quota_journal(std::string folder, int64_t span_ms);
    outcome<nothing> read_segment(const std::string& path, const reader& read);
    outcome<nothing> begin_segment(time_anchor now);
    void drop_old_segments(int64_t now_ms);

    std::string folder_;
    int64_t span_ms_;
    history found_;
    std::deque<segment> segments_;       // oldest first
    std::shared_ptr<file_handle> file_;  // of the last one; null: none to append to
    size_t file_bytes_ = 0;
    uint64_t last_number_ = 0;
    int64_t anchored_ms_ = 0;                             // when the last anchor was written
    std::vector<std::shared_ptr<file_handle>> unsynced_;  // appended to since the last sync
    std::string buffer_;
};

}  // namespace ie
