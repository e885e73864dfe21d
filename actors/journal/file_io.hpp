// Whole reads and writes at a place of a file, however the kernel cuts them. Private to this
// folder.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace ie {

// For a write, which doesn't change it.
iovec part_of(std::string_view bytes);

// Offsets and sizes in bytes. False where not all could be written; sets errno.
bool write_all_at(int fd, std::vector<iovec> parts, uint64_t offset);
// False where not all could be read; sets errno, to EIO where the file ends before.
bool read_all_at(int fd, char* to, uint64_t size, uint64_t offset);

// ENOSPC or EDQUOT, by the system's words at the end of what this folder's errors say.
bool is_disk_full(int code);
bool is_disk_full(const error& failure);

}  // namespace ie
