// The files of held mail: <folder>/<first two hex digits>/<mail id>. A file is staged under a
// temporary name, and only `publish` makes it durable, many at once: fsync, rename, fsync of the
// folder. Owns the folder; knows nothing of the database. A crash leaves temporary files, and files
// that nobody was told of: `names_in` finds both.
#pragma once

#include "actors/quarantine/fault_point.hpp"
#include "actors/quarantine/file_handle.hpp"
#include "actors/quarantine/stored_mail.hpp"

namespace ie {

// Written and not yet durable. Its file stays open, so that a later fsync tells of every error.
struct staged_mail {
    mail_id id;
    file_handle file;
    uint64_t file_bytes = 0;
};

class mail_store {
  public:
    static constexpr size_t folder_count = 256;

    // Makes the folders. Fails: storage_failed.
    static outcome<mail_store> open(const std::string& folder, fault_point fault = {});

    // Writes, without fsync. Fails: storage_failed, too_large; then nothing is left behind.
    outcome<staged_mail> stage(const stored_record& record, std::string_view mail) const;

    // Durable under its name, one outcome each. Fails: storage_failed.
    std::vector<outcome<nothing>> publish(const std::vector<const staged_mail*>& staged) const;
    void discard(const staged_mail& staged) const;

    // Whole and unaltered. Fails: not_found (no file), storage_failed (unreadable, altered).
    outcome<stored_mail> read(const mail_id& id) const;

    // Fails: not_found, storage_failed.
    outcome<uint64_t> file_bytes(const mail_id& id) const;

    // A file that isn't there is fine. Fails: storage_failed.
    outcome<nothing> remove(const mail_id& id) const;

    struct names {
        std::vector<mail_id> mails;
        std::vector<std::string> temporary;  // whole paths
    };
    // Of one of the folder_count folders. Fails: storage_failed.
    outcome<names> names_in(size_t folder) const;
    static std::string folder_prefix(size_t folder);  // "00" to "ff"

    outcome<nothing> remove_path(const std::string& path) const;

  private:
    mail_store(std::string folder, fault_point fault)
        : folder_(std::move(folder)), fault_(std::move(fault)) {}

    std::string folder_of(const mail_id& id) const;
    std::string path_of(const mail_id& id) const;
    std::string staged_path_of(const mail_id& id) const;
    bool faulty(std::string_view step) const;  // sets errno
    outcome<nothing> write(const file_handle& file, const std::string& path, std::string_view head,
                           std::string_view mail) const;
    outcome<nothing> sync_file(const staged_mail& staged) const;
    outcome<nothing> sync_folder(const std::string& path) const;

    std::string folder_;
    fault_point fault_;
};

}  // namespace ie
