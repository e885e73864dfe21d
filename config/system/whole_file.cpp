#include "config/system/whole_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "config/system/file_handle.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr size_t block_bytes = 64 << 10;

error failed(const std::string& path) {
    const bool refused = errno == EACCES || errno == EPERM;
    return fail(refused ? error_code::not_permitted : error_code::storage_failed,
                path + ": " + errno_text(errno));
}

outcome<nothing> write_all(int fd, const std::string& path, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failed(path);
        text.remove_prefix(static_cast<size_t>(size));
    }
    return nothing{};
}

outcome<nothing> finish(int fd, const std::string& path, const file_attributes& attributes) {
    if (::fchown(fd, attributes.uid, attributes.gid) != 0) return failed(path);
    if (::fchmod(fd, attributes.mode) != 0) return failed(path);
    if (attributes.modified) {
        const timespec times[] = {{0, UTIME_OMIT}, *attributes.modified};
        if (::futimens(fd, times) != 0) return failed(path);
    }
    if (::fsync(fd) != 0) return failed(path);
    return nothing{};
}

}  // namespace

outcome<std::string> read_all(int fd, const std::string& path, size_t bytes_max) {
    struct stat about {};
    const bool sized = ::fstat(fd, &about) == 0 && about.st_size > 0;
    const size_t expected = sized ? static_cast<size_t>(about.st_size) : block_bytes;
    // With one byte more than there should be, the end is seen without making room for others.
    std::string text(std::min(expected, bytes_max) + 1, '\0');
    for (size_t filled = 0;;) {
        if (filled == text.size()) text.resize(std::min(filled + block_bytes, bytes_max + 1));
        const ssize_t got = ::read(fd, text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path);
        filled += static_cast<size_t>(got);
        if (filled > bytes_max) {
            return fail(error_code::too_large,
                        path + ": more than " + std::to_string(bytes_max) + " bytes");
        }
        if (got > 0) continue;
        text.resize(filled);
        return text;
    }
}

outcome<std::optional<stored_file>> read_file(const std::string& path, size_t bytes_max) {
    const file_handle file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file && errno == ENOENT) return std::optional<stored_file>{};
    if (!file) return failed(path);
    struct stat found {};
    if (::fstat(file.get(), &found) != 0) return failed(path);
    if (!S_ISREG(found.st_mode)) {
        return fail(error_code::conflict, path + " isn't a file; put it out of the way");
    }
    auto text = read_all(file.get(), path, bytes_max);
    if (!text) return text.failure();
    return std::optional{stored_file{
        std::move(*text), {found.st_mode & 07777, found.st_uid, found.st_gid, found.st_mtim}}};
}

outcome<stored_file> must_read_file(const std::string& path, size_t bytes_max) {
    auto file = read_file(path, bytes_max);
    if (!file) return file.failure();
    if (!*file) return fail(error_code::not_found, path + ": " + errno_text(ENOENT));
    return std::move(**file);
}

outcome<nothing> write_new_file(const std::string& path, const stored_file& file) {
    ::unlink(path.c_str());
    const file_handle made(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!made) return failed(path);
    auto done = write_all(made.get(), path, file.text);
    if (done) done = finish(made.get(), path, file.attributes);
    if (!done) ::unlink(path.c_str());
    return done;
}

outcome<nothing> write_file(const std::string& path, const stored_file& file) {
    const std::string folder = fs::path(path).parent_path();
    if (auto made = make_folders(folder); !made) return made;
    const std::string coming = path + beside_mark + new_suffix;
    auto written = write_new_file(coming, file);
    if (!written) return written;
    if (std::rename(coming.c_str(), path.c_str()) != 0) return failed(path);
    return sync_folder(folder);
}

outcome<nothing> make_folders(const std::string& folder) {
    struct stat found {};
    if (::stat(folder.c_str(), &found) == 0) return nothing{};
    const std::string above = fs::path(folder).parent_path();
    if (auto made = make_folders(above); !made) return made;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder);
    return sync_folder(above);
}

outcome<nothing> sync_folder(const std::string& folder) {
    const file_handle handle(folder, O_RDONLY | O_DIRECTORY);
    if (handle && ::fsync(handle.get()) == 0) return nothing{};
    return failed(folder);
}

}  // namespace ie
