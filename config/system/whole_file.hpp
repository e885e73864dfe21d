// Files that are read or written whole. What is read is bounded and a regular file, so that neither
// a pipe nor a device that stands in its place keeps a program waiting. What is written is there
// as a whole or not at all, whenever the machine stops, and durable when the call returns. Where
// something fails with storage_failed, that is not_permitted for who may not (EACCES, EPERM).
#pragma once

#include <sys/types.h>

#include <ctime>
#include <optional>
#include <string>

#include "messages/error.hpp"

namespace ie {

// The largest file that this server's configuration may have, unless the caller says otherwise.
inline constexpr size_t file_bytes_max_default = 64 << 20;

struct file_attributes {
    mode_t mode = 0644;
    uid_t uid = 0;
    gid_t gid = 0;
    std::optional<timespec> modified;  // unset: now
};

struct stored_file {
    std::string text;
    file_attributes attributes;
};

// What a descriptor gives until its end, a file of /proc too. `path` is for the error's words.
// Fails: too_large, storage_failed.
outcome<std::string> read_all(int fd, const std::string& path, size_t bytes_max);

// Nothing where there is no such file. Fails: storage_failed, conflict (not a regular file),
// too_large.
outcome<std::optional<stored_file>> read_file(const std::string& path,
                                              size_t bytes_max = file_bytes_max_default);

// One that has to be there. Fails: not_found, and as read_file.
outcome<stored_file> must_read_file(const std::string& path,
                                    size_t bytes_max = file_bytes_max_default);

// Beside a file, for a moment: PATH.imunifyemail-…-new. Names that neither Exim nor
// update-exim4.conf reads.
inline constexpr const char* beside_mark = ".imunifyemail-";
inline constexpr const char* new_suffix = "-new";

// A complete file of that name, or none; what stood there is unlinked, not written to. The name is
// durable with sync_folder only. Fails: storage_failed.
outcome<nothing> write_new_file(const std::string& path, const stored_file& file);

// In the place of what stood there. Makes its folders, for root only. Fails: storage_failed.
outcome<nothing> write_file(const std::string& path, const stored_file& file);

// Fails: storage_failed.
outcome<nothing> make_folders(const std::string& folder);
outcome<nothing> sync_folder(const std::string& folder);

}  // namespace ie
