#include "actors/journal/file_io.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "messages/text.hpp"

namespace ie {

iovec part_of(std::string_view bytes) {
    return {const_cast<char*>(bytes.data()), bytes.size()};
}

bool write_all_at(int fd, std::vector<iovec> parts, uint64_t offset) {
    size_t first = 0;
    while (first < parts.size()) {
        const auto count = static_cast<int>(std::min<size_t>(parts.size() - first, IOV_MAX));
        const ssize_t written =
            ::pwritev(fd, parts.data() + first, count, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        offset += static_cast<uint64_t>(written);
        auto left = static_cast<size_t>(written);
        while (first < parts.size() && left >= parts[first].iov_len) {
            left -= parts[first++].iov_len;
        }
        if (left == 0) continue;
        parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + left;
        parts[first].iov_len -= left;
    }
    return true;
}

bool read_all_at(int fd, char* to, uint64_t size, uint64_t offset) {
    while (size > 0) {
        const ssize_t got = ::pread(fd, to, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) return false;
        to += got;
        offset += static_cast<uint64_t>(got);
        size -= static_cast<uint64_t>(got);
    }
    return true;
}

bool is_disk_full(int code) {
    return code == ENOSPC || code == EDQUOT;
}

bool is_disk_full(const error& failure) {
    return failure.what.ends_with(errno_text(ENOSPC)) || failure.what.ends_with(errno_text(EDQUOT));
}

}  // namespace ie
