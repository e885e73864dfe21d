// The files of held mail: <folder>/<first two hex digits>/<mail id>. A file is staged under a
// temporary name and then renamed: what has a mail's name is whole, whenever the engine is killed.
// Only what is called sync waits for the disk: until a checkpoint, what a power cut takes is in the
// journal. Owns the folder; knows nothing of journal and database. A crash leaves temporary files,
// and files that nobody was told of: `names_in` finds both.
//
// Failures: a sync that failed is final, since the disk's error is told once: what it was asked for
// is lost, and a second sync that succeeds says nothing. Only what is written anew can be synced.
#pragma once

#include <optional>

#include "actors/journal/fault_point.hpp"
#include "actors/quarantine/store/recovery_rules.hpp"
#include "actors/quarantine/store/stored_mail.hpp"
#include "config/system/file_handle.hpp"

namespace ie {

// Written, and nobody's yet.
struct staged_mail {
    mail_id id;
    file_handle file{};
    std::string head{};  // of its file
    uint64_t file_bytes = 0;
};

class mail_store {
  public:
    static constexpr size_t folder_count = 256;

    // Makes the folders. Fails: storage_failed.
    static outcome<mail_store> open(const std::string& folder, fault_point fault = {});

    // Thread-safe. Fails: storage_failed, too_large; then nothing is left behind.
    outcome<staged_mail> stage(const stored_record& record, std::string_view mail) const;
    // The two together: it outlasts a power cut, under the temporary name at least. Thread-safe.
    // Fail: storage_failed; then for good.
    outcome<nothing> sync_file(const staged_mail& staged) const;
    outcome<nothing> sync_folder(const staged_mail& staged) const;
    std::string folder_of(const mail_id& id) const;  // the one that is synced
    // Gives it its name, in the place of a file that has it. Fails: storage_failed; then it stays
    // staged.
    outcome<nothing> publish(const staged_mail& staged) const;
    void discard(const staged_mail& staged) const;
    // Stages and publishes. Fails as they do; then nothing is left of the staged one.
    outcome<nothing> put(const stored_record& record, std::string_view mail) const;

    // What there is of a mail whose file should have that record; null: any. Fails: storage_failed
    // (it can't be read).
    outcome<file_state> look(const mail_id& id, const stored_record* record) const;
    // The bytes of the file, in their place, and its name: for the next sync they are new. Fails:
    // storage_failed; then it is there still, under one of its names.
    outcome<nothing> write_again(const mail_id& id, bool is_staged) const;

    // Whole and unaltered. Fails: not_found (no file), storage_failed (unreadable, altered).
    outcome<stored_mail> read(const mail_id& id) const;

    // Fails: not_found, storage_failed.
    outcome<uint64_t> file_bytes(const mail_id& id) const;

    // A file that isn't there is fine. Fails: storage_failed.
    outcome<nothing> remove(const mail_id& id) const;

    struct names {
        std::vector<mail_id> mails;
        std::vector<mail_id> staged;
    };
    // Of one of the folder_count folders. Fails: storage_failed.
    outcome<names> names_in(size_t folder) const;
    static std::string folder_prefix(size_t folder);  // "00" to "ff"

    // One that isn't there is fine. Fails: storage_failed.
    outcome<nothing> remove_staged(const mail_id& id) const;

  private:
    mail_store(std::string folder, fault_point fault)
        : folder_(std::move(folder)), fault_(std::move(fault)) {}

    std::string path_of(const mail_id& id) const;
    std::string staged_path_of(const mail_id& id) const;
    bool write(const file_handle& file, const std::string& path, std::string_view head,
               std::string_view mail) const;
    outcome<mail_bytes> read_bytes(const std::string& path) const;
    outcome<std::optional<stored_record>> record_in(const std::string& path,
                                                    const mail_id& id) const;
    outcome<nothing> rename(const std::string& from, const std::string& to) const;
    outcome<nothing> remove_path(const std::string& path) const;
    outcome<nothing> sync_folder(const std::string& path) const;

    std::string folder_;
    fault_point fault_;
};

}  // namespace ie
