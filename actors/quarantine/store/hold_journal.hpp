// What was acknowledged and may not be on the disk yet. Held mails are appended here, as many at a
// time as wait, and one fsync makes all of them durable. Their files and rows are written, too, but
// nobody waits for these: a checkpoint, in the background, makes whole file systems durable at once
// and then frees what the journal has. After a power cut `unsettled` tells what may be missing.
//
// Two segments: one is filled while the other's checkpoint runs. An entry that isn't whole is the
// last of its segment, and was never acknowledged. A segment's entries carry its key, which nobody
// can guess: old bytes, or a mail made to look like an entry, are never taken for one. One thread
// at a time.
#pragma once

#include <array>
#include <future>
#include <limits>
#include <unordered_set>
#include <vector>

#include "actors/quarantine/store/fault_point.hpp"
#include "config/system/file_handle.hpp"
#include "messages/error.hpp"
#include "messages/ids.hpp"
#include "messages/mail_bytes.hpp"

namespace ie {

// The file of a held mail, in its two parts.
struct journal_entry {
    mail_id id;
    std::string_view head;
    std::string_view mail;
    bool has_mail = true;  // false: its file is durable, only its name may not be
};

class hold_journal {
  public:
    static constexpr uint64_t segment_bytes_max = 32 << 20;  // or what one append brings
    static constexpr size_t segment_mails_max = 4'000;
    static constexpr uint64_t covered_bytes_max = 256 << 20;  // of mails, which a start looks at
    static constexpr int64_t age_ms_max = 10'000;             // of an entry without a checkpoint

    // The segments are `path` with .0 and .1; `synced` are folders on the file systems that a
    // checkpoint makes durable. Fails: storage_failed.
    static outcome<hold_journal> open(const std::string& path,
                                      const std::vector<std::string>& synced,
                                      fault_point fault = {});

    // All are durable, or none is to be counted on. Fails: storage_failed, also while is_settled()
    // is false.
    outcome<nothing> append(const std::vector<journal_entry>& entries);

    // The mail's file is removed on purpose: an engine that finds neither file nor row must not
    // bring it back.
    void forget(const mail_id& id);

    // Begins a checkpoint where one is due, and frees what the last one made durable. Call it now
    // and then. Fails: storage_failed (a checkpoint's; is_settled() is false from then on).
    outcome<nothing> tend(int64_t steady_ms);

    // False after an engine that ended with entries, and after a failed checkpoint: then write what
    // is `unsettled`, and `settle`.
    bool is_settled() const { return settled_; }

    struct place {
        size_t segment = 0;
        uint64_t offset = 0;  // of the file's bytes
        uint64_t size_bytes = 0;
        bool has_mail = true;
    };
    struct unsettled_mail {
        mail_id id;
        std::vector<place> files;  // the newest first; the first may not be whole
    };
    // Each mail that isn't forgotten once. Fails: storage_failed.
    outcome<std::vector<unsettled_mail>> unsettled() const;
    // A file's bytes as they were appended. Fails: storage_failed.
    outcome<mail_bytes> read(const place& at) const;

    // A checkpoint that is waited for; the journal is empty then. Fails: storage_failed.
    outcome<nothing> settle();

  private:
    static constexpr uint64_t no_more = std::numeric_limits<uint64_t>::max();
    struct segment {
        std::string path;
        file_handle file;
        uint64_t end = 0;       // where the next entry goes
        uint64_t reserved = 0;  // the file's size; no_more: no zeros from now on
        uint64_t covered_bytes = 0;
        uint64_t key = 0;
        uint64_t number = 0;  // a later filling has a higher one
        int64_t begun_at_ms = 0;
        std::unordered_set<std::string> mails;

        void reserve(uint64_t up_to);
    };
    struct scanned;

    hold_journal(std::array<segment, 2> segments, std::vector<file_handle> synced,
                 fault_point fault)
        : segments_(std::move(segments)), synced_(std::move(synced)), fault_(std::move(fault)) {}

    segment& active() { return segments_[active_]; }
    segment& other() { return segments_[1 - active_]; }
    bool faulty(std::string_view step) const;  // sets errno
    error failed(const std::string& what, const segment& of, int code) const;
    int write(const std::vector<journal_entry>& entries);
    bool is_full() const;
    outcome<nothing> turn_over();
    outcome<nothing> give_back();
    void begin_filling();
    outcome<nothing> end_checkpoint();
    bool checkpoint_runs() const { return checkpoint_.valid(); }
    static void free(segment& freed);
    outcome<std::vector<scanned>> scan(const segment& of) const;

    std::array<segment, 2> segments_;
    size_t active_ = 0;
    std::vector<file_handle> synced_;
    fault_point fault_;
    std::future<int> checkpoint_;  // of the other segment: an errno, 0 where it is durable
    bool settled_ = true;
};

}  // namespace ie
