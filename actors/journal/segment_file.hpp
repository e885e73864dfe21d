// One file of a journal: records, one behind the other. What is appended is there as a whole or not
// at all: where a write fails its place is written over by the next one. A sync that failed is
// final: the disk tells its error once, so nothing that was appended before may be counted on, and
// a new file is needed. One thread at a time, but for `sync`.
#pragma once

#include <string>
#include <vector>

#include "actors/journal/fault_point.hpp"
#include "actors/journal/file_io.hpp"
#include "config/system/file_handle.hpp"

namespace ie {

class segment_file {
  public:
    segment_file() = default;
    // Made where there is none. Fails: storage_failed.
    static outcome<segment_file> open(const std::string& path, fault_point fault);
    // One that is there, for reading only. Fails: storage_failed.
    static outcome<segment_file> open_to_read(const std::string& path, fault_point fault);

    // At `end`, which goes behind it; returns an errno. Not synced. `step`: the fault point's.
    int append(std::vector<iovec> parts, std::string_view step);
    // Of what was appended; returns an errno. In any thread.
    int sync() const;

    // An errno; EIO beyond the end of the file. Asks the disk once more where it says EIO: it may
    // err once.
    int read(char* to, size_t size, uint64_t offset) const;

    uint64_t end() const { return end_; }
    void set_end(uint64_t end) { end_ = end; }
    uint64_t size() const;  // of the file, what is reserved with it; 0: it can't be told
    const file_handle& handle() const { return file_; }
    const std::string& path() const { return path_; }
    const fault_point& fault() const { return fault_; }
    error failed(const std::string& what, int code) const;

  private:
    segment_file(const std::string& path, int flags, fault_point fault);

    std::string path_;
    file_handle file_;
    fault_point fault_;
    uint64_t end_ = 0;
};

}  // namespace ie
