#include "actors/journal/segment_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "messages/text.hpp"

namespace ie {

segment_file::segment_file(const std::string& path, int flags, fault_point fault)
    : path_(path), file_(path, flags), fault_(std::move(fault)) {}

outcome<segment_file> segment_file::open(const std::string& path, fault_point fault) {
    segment_file opened(path, O_RDWR | O_CREAT, std::move(fault));
    if (!opened.file_) return opened.failed("can't open", errno);
    return opened;
}

outcome<segment_file> segment_file::open_to_read(const std::string& path, fault_point fault) {
    segment_file opened(path, O_RDONLY, std::move(fault));
    if (!opened.file_) return opened.failed("can't open", errno);
    return opened;
}

int segment_file::append(std::vector<iovec> parts, std::string_view step) {
    uint64_t bytes = 0;
    for (const auto& each : parts) bytes += each.iov_len;
    if (fault_.fails(step, path_) || !write_all_at(file_.get(), std::move(parts), end_)) {
        return errno;
    }
    end_ += bytes;
    return 0;
}

int segment_file::sync() const {
    return fault_.fails("fsync", path_) || ::fdatasync(file_.get()) != 0 ? errno : 0;
}

int segment_file::read(char* to, size_t size, uint64_t offset) const {
    const auto once = [&] {
        return fault_.fails("scan", path_) || !read_all_at(file_.get(), to, size, offset) ? errno
                                                                                          : 0;
    };
    const int code = once();
    return code == EIO ? once() : code;
}

uint64_t segment_file::size() const {
    struct stat about {};
    return ::fstat(file_.get(), &about) == 0 ? static_cast<uint64_t>(about.st_size) : 0;
}

error segment_file::failed(const std::string& what, int code) const {
    return fail(error_code::storage_failed, what + " " + path_ + ": " + errno_text(code));
}

}  // namespace ie
