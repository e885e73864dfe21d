// The body of a mail that Exim is about to accept, from the -D file in its spool (Exim's
// specification, "Format of spool files"). It is complete on disk when the ACL asks. Read, never
// written; a symbolic link or anything but a regular file is refused. Where Exim is told
// spool_wireformat its lines end with CRLF, and they are judged so.
#pragma once

#include <array>
#include <string>

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie {

// Where the file may be: with split_spool_directory, and without.
std::array<std::string, 2> body_paths(const std::string& spool_dir, const queue_id& id);

// Where the body begins: after the first line, which is the file's own name.
// Fails: storage_failed where it is another's.
outcome<size_t> body_offset(std::string_view file_start, const queue_id& id);

// The mail whole: `headers`, the empty line, the body. `mail_bytes_max` bounds all of it.
// Fails: not_found, storage_failed, too_large.
outcome<std::string> read_spooled_mail(const std::string& spool_dir, const queue_id& id,
                                       std::string_view headers, size_t mail_bytes_max);

}  // namespace ie
