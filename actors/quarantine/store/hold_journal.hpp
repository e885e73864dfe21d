// What was acknowledged and may not be on the disk yet. Held mails are appended here, as many at a
// time as wait, and one fsync makes all of them durable. Their files and rows are written, too, but
// nobody waits for these: a checkpoint, in the background, makes whole file systems durable at once
// and then frees what the journal has. After a power cut `unsettled` tells what may be missing.
//
// Two segments: one is filled while the other's checkpoint runs. A mail that can't be written back
// is carried from segment to segment, so that it pins none. One thread at a time.
//
// Failures. Of an append: nothing of it counts, what was there before stays. Of a checkpoint: what
// it covers may be lost, whatever a later sync says; nothing is freed or appended until all of it
// has been written anew and `settle` has synced that.
#pragma once

#include <array>
#include <future>
#include <limits>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

#include "actors/quarantine/store/journal_segment.hpp"

namespace ie {

// By a folder that is on it.
struct synced_device {
    std::string path;
    file_handle folder;
};

class hold_journal {
  public:
    static constexpr uint64_t segment_bytes_max = 32 << 20;  // or what one append brings
    static constexpr size_t segment_mails_max = 4'000;
    static constexpr uint64_t covered_bytes_max = 256 << 20;  // of mails, which a start looks at
    static constexpr int64_t age_ms_max = 10'000;             // of an entry without a checkpoint
    static constexpr int64_t room_interval_ms = 10'000;       // between checkpoints for room

    // The segments are `path` with .0 and .1; `synced` are folders on the file systems that a
    // checkpoint makes durable. Fails: storage_failed, conflict (another version's).
    static outcome<hold_journal> open(const std::string& path,
                                      const std::vector<std::string>& synced,
                                      fault_point fault = {});

    // Whether `append` is of any use. Fails: storage_failed.
    outcome<nothing> ready() const;

    // All are durable, or none is to be counted on. Fails: storage_failed, also while is_settled()
    // is false.
    outcome<nothing> append(const std::vector<journal_entry>& entries);
    // One of several that were refused together. Begins no checkpoint: those of them that were
    // appended before have no names yet, and it would free their entries. Fails as append.
    outcome<nothing> append_alone(const journal_entry& entry);

    // The mail's file is removed on purpose: an engine that finds neither file nor row must not
    // bring it back.
    void forget(const mail_id& id);

    // Begins a checkpoint where one is due, and frees what the last one made durable. Call it now
    // and then. Fails: storage_failed (a checkpoint's; is_settled() is false from then on).
    outcome<nothing> tend(int64_t steady_ms);

    // The disk is full: gives back what is reserved, at once (true: there was something), and, once
    // in a while, begins a checkpoint for the rest. Waits for nothing.
    bool make_room();

    // False after an engine that ended with entries, and after a failed checkpoint: then write what
    // is `unsettled`, and `settle`.
    bool is_settled() const { return settled_; }

    struct unsettled_mail {
        mail_id id;
        std::vector<entry_place> files;  // the newest first; the first may not be whole
    };
    // Each mail that isn't forgotten once. Fails: storage_failed.
    outcome<std::vector<unsettled_mail>> unsettled() const;
    // A file's bytes as they were appended. Fails: storage_failed.
    outcome<mail_bytes> read(const entry_place& place) const;

    // A checkpoint that is waited for. The journal has nothing but `carried` then: mails of
    // `unsettled` that couldn't be written. Fails: storage_failed; then nothing is freed.
    outcome<nothing> settle(const std::vector<unsettled_mail>& carried = {});
    // Those that couldn't be carried further, since the disk doesn't give their entries; once.
    std::vector<mail_id> take_lost() { return std::exchange(lost_, {}); }
    // What the disk couldn't give when it was opened: entries may be missing. Empty: nothing.
    std::string unreadable() const;

    // Those that are to be written back still; none while it can't be said.
    bool is_carried(const mail_id& id) const { return carried_.contains(id.value); }
    size_t carried_count() const { return carried_.size(); }
    outcome<std::vector<unsettled_mail>> carried() const;
    // The next checkpoint makes it durable.
    void written_back(const mail_id& id);

  private:
    // A checkpoint's thread has the one that it frees.
    using two_segments = std::array<std::unique_ptr<journal_segment>, 2>;
    hold_journal(two_segments segments, std::vector<synced_device> synced, fault_point fault);

    journal_segment& active() { return *segments_[active_]; }
    journal_segment& other() { return *segments_[1 - active_]; }
    const journal_segment& active() const { return *segments_[active_]; }
    const journal_segment& other() const { return *segments_[1 - active_]; }
    int append_to_active(const std::vector<journal_entry>& entries);
    uint64_t next_number() const;
    bool is_full() const;
    bool has_news() const { return active().end() > old_bytes_; }
    int sync_fault() const;
    outcome<nothing> turn_over();
    outcome<nothing> end_checkpoint();
    bool checkpoint_runs() const { return checkpoint_.valid(); }
    bool is_tight() const;
    bool stays(const unsettled_mail& mail) const;
    outcome<nothing> carry(const std::vector<unsettled_mail>& mails);
    outcome<nothing> free(journal_segment& segment);
    outcome<std::vector<unsettled_mail>> mails_of(std::vector<size_t> segments) const;
    outcome<std::vector<unsettled_mail>> carried_in(size_t segment) const;

    two_segments segments_;
    size_t active_ = 0;
    // Of the active segment: what was there when it became it (what is carried), and what came.
    uint64_t old_bytes_ = 0;
    size_t old_mails_ = 0;
    uint64_t covered_bytes_ = 0;
    int64_t filled_from_ms_ = 0;

    std::vector<synced_device> synced_;
    fault_point fault_;
    std::future<int> checkpoint_;    // of the other segment: an errno, 0 where it is durable and,
    bool checkpoint_frees_ = false;  // where this is true, free
    bool settled_ = true;
    std::unordered_set<std::string> carried_;
    std::vector<mail_id> lost_;
    int64_t made_room_at_ms_ = std::numeric_limits<int64_t>::min() / 2;
};

}  // namespace ie
