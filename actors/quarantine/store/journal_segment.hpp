// One file of the holds' journal: entries, one after the other, from its beginning. An entry that
// isn't whole is the end, and was never acknowledged. Entries carry the filling's key, which nobody
// can guess, so that old bytes, or a mail made to look like an entry, are never taken for one; and
// its number, which grows from filling to filling for as long as there are the files. Private to
// this folder. One thread at a time.
//
// Failures: where an append fails nothing of it counts, and the next one writes over it, anew;
// where `free_file` fails its entries may come back, and it must be called again.
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "actors/journal/segment_file.hpp"
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

// Where an entry's bytes are.
struct entry_place {
    size_t segment = 0;
    uint64_t offset = 0;  // of the head
    uint64_t head_bytes = 0;
    uint64_t mail_bytes = 0;
    bool has_mail = true;

    uint64_t size_bytes() const { return head_bytes + mail_bytes; }
};

class journal_segment {
  public:
    struct found_entry {
        mail_id id;
        entry_place place;
        bool is_forgotten = false;
        uint64_t key = 0;     // of the filling
        uint64_t number = 0;  // the same
    };

    // With what is in the file. Fails: storage_failed, conflict (another version's).
    static outcome<journal_segment> open(const std::string& path, fault_point fault);

    // Durable, or to be counted as not there: returns an errno. The first one begins a filling.
    int append(const std::vector<journal_entry>& entries, uint64_t number_if_first);
    // Not synced.
    void append_forgotten(const mail_id& id, uint64_t number_if_first);

    // In the order in which they were appended. Fails: conflict (another version's).
    outcome<std::vector<found_entry>> scan() const;
    // A part of the file that the disk couldn't give when it was opened: entries may be missing.
    const std::string& unreadable() const { return unreadable_; }
    outcome<mail_bytes> read(const entry_place& place) const;

    // Whoever frees the file tells the segment: `freed`. The first may be called from any thread;
    // returns an errno. `gives_room`: the file is cut, too.
    int free_file(bool gives_room) const;
    void freed();

    // Gives back what is reserved, and reserves nothing for a minute. False: there was nothing.
    bool cut();

    bool is_empty() const { return file_.end() == 0; }
    uint64_t number() const { return number_; }
    bool has(const mail_id& id) const { return mails_.contains(id.value); }
    size_t mail_count() const { return mails_.size(); }
    uint64_t end() const { return file_.end(); }
    const std::string& path() const { return file_.path(); }
    error failed(const std::string& what, int code) const { return file_.failed(what, code); }

    void forget(const mail_id& id) { mails_.erase(id.value); }

  private:
    void begin_filling(uint64_t number);
    void reserve(uint64_t up_to);
    std::optional<uint64_t> number_in_first_header() const;
    outcome<std::vector<found_entry>> scan(int& error) const;

    segment_file file_;
    std::string unreadable_;
    uint64_t reserved_ = 0;  // the file's size
    int64_t reserves_from_ms_ = 0;
    uint64_t key_ = 0;
    uint64_t number_ = 0;  // of the filling, or of the last one
    std::unordered_set<std::string> mails_;
};

}  // namespace ie
