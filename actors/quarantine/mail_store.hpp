// The files of held mail: <folder>/<first two hex digits>/<mail id>. A file is staged under a
// temporary name, and only `publish` makes it durable, many at once: fsync, rename, fsync of the
// folder. Owns the folder; knows nothing of the database. A crash leaves temporary files, and files
// that nobody was told of: `names_in` finds both. A temporary one is whole where its database row
// is there, and then `recover` gives it its name.
#pragma once

#include <functional>
#include <memory>

#include "actors/quarantine/fault_point.hpp"
#include "actors/quarantine/file_handle.hpp"
#include "actors/quarantine/stored_mail.hpp"
#include "actors/quarantine/sync_crew.hpp"

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

    // Durable under its name, one outcome each. While the folders are synced, `meanwhile` is called
    // once with those that were written and have their names. Fails: storage_failed.
    using outcomes = std::vector<outcome<nothing>>;
    outcomes publish(const std::vector<const staged_mail*>& staged,
                     const std::function<void(const outcomes& named)>& meanwhile = {}) const;
    void discard(const staged_mail& staged) const;

    // Whole and unaltered. Fails: not_found (no file), storage_failed (unreadable, altered).
    outcome<stored_mail> read(const mail_id& id) const;

    // Fails: not_found, storage_failed.
    outcome<uint64_t> file_bytes(const mail_id& id) const;

    // The name of a file that is there outlasts a power cut. Fails: not_found, storage_failed.
    outcome<nothing> sync_name(const mail_id& id) const;

    // Gives the staged file its name. Fails: not_found, storage_failed (also where it isn't whole).
    outcome<nothing> recover(const mail_id& id) const;

    // A file that isn't there is fine. Fails: storage_failed.
    outcome<nothing> remove(const mail_id& id) const;

    struct names {
        std::vector<mail_id> mails;
        std::vector<mail_id> staged;
    };
    // Of one of the folder_count folders. Fails: storage_failed.
    outcome<names> names_in(size_t folder) const;
    static std::string folder_prefix(size_t folder);  // "00" to "ff"

    outcome<nothing> remove_staged(const mail_id& id) const;

  private:
    mail_store(std::string folder, fault_point fault)
        : folder_(std::move(folder)),
          fault_(std::move(fault)),
          crew_(std::make_unique<sync_crew>()) {}

    std::string folder_of(const mail_id& id) const;
    std::string path_of(const mail_id& id) const;
    std::string staged_path_of(const mail_id& id) const;
    bool faulty(std::string_view step) const;  // sets errno
    outcome<nothing> write(const file_handle& file, const std::string& path, std::string_view head,
                           std::string_view mail) const;
    outcome<stored_mail> read_file(const std::string& path, const mail_id& id) const;
    outcome<nothing> remove_path(const std::string& path) const;
    outcome<nothing> rename_staged(const mail_id& id) const;
    void sync_files(const std::vector<const staged_mail*>& staged, outcomes& results) const;
    outcome<nothing> sync_folder(const std::string& path) const;

    std::string folder_;
    fault_point fault_;
    std::unique_ptr<sync_crew> crew_;
};

}  // namespace ie
