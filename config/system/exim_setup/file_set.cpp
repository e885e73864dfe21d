#include "config/system/exim_setup/file_set.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "messages/text.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

// exim4.conf.imunifyemail-0-new: names that neither Exim nor update-exim4.conf reads.
constexpr const char* beside = ".imunifyemail-";
constexpr const char* new_suffix = "-new";
constexpr const char* old_suffix = "-old";

error failed(const std::string& path) {
    return fail(error_code::storage_failed, path + ": " + errno_text(errno));
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

// A complete file under this name, or none; nothing that was there is written to.
outcome<nothing> write_new(const std::string& path, const stored_file& file) {
    ::unlink(path.c_str());
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return failed(path);
    auto done = write_all(fd, path, file.text);
    if (done) done = finish(fd, path, file.attributes);
    ::close(fd);
    if (!done) ::unlink(path.c_str());
    return done;
}

outcome<nothing> sync_folder_of(const std::string& path) {
    return sync_folder(fs::path(path).parent_path());
}

error changed_meanwhile(const std::string& path) {
    return fail(error_code::conflict, path + " was changed meanwhile; run it again");
}

}  // namespace

outcome<std::optional<stored_file>> read_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return std::optional<stored_file>{};
    if (fd < 0) return failed(path);
    struct stat found {};
    ::fstat(fd, &found);
    if (!S_ISREG(found.st_mode)) {
        ::close(fd);
        return fail(error_code::conflict, path + " isn't a file; put it out of the way");
    }
    stored_file file{"", {found.st_mode & 07777, found.st_uid, found.st_gid, found.st_mtim}};
    char block[65536];
    ssize_t size = 0;
    while ((size = ::read(fd, block, sizeof block)) > 0)
        file.text.append(block, static_cast<size_t>(size));
    ::close(fd);
    if (size < 0) return failed(path);
    return std::optional<stored_file>{std::move(file)};
}

std::string real_path(const std::string& path) {
    std::error_code code;
    const auto real = fs::weakly_canonical(path, code);
    return code ? path : real.string();
}

file_set::file_set(const std::vector<file_change>& changes) {
    for (const auto& change : changes) {
        const fs::path path = change.path;
        // What goes is the name itself, be it a link.
        const std::string real =
            change.wanted ? real_path(path)
                          : (fs::path(real_path(path.parent_path())) / path.filename()).string();
        const std::string number = std::to_string(steps_.size());
        steps_.push_back({change, real, real + beside + number + new_suffix,
                          real + beside + number + old_suffix});
    }
}

file_set::~file_set() {
    if (!kept_) undo();
}

outcome<nothing> file_set::prepare() {
    for (const auto& each : steps_) {
        ::unlink(each.gone.c_str());
        if (!each.change.wanted) continue;
        auto written = write_new(each.coming, *each.change.wanted);
        if (!written) return written;
    }
    return nothing{};
}

outcome<nothing> file_set::replace() {
    for (const auto& each : steps_) {
        auto done = set_aside(each);
        if (done) {
            ++replaced_;
            done = put(each);
        }
        if (done) continue;
        undo();
        return done;
    }
    return nothing{};
}

// What it was gets a second name, or what is new its own. Where this fails nothing has changed.
outcome<nothing> file_set::set_aside(const step& each) {
    if (!each.change.now) {
        if (::link(each.coming.c_str(), each.path.c_str()) == 0) return nothing{};
        return errno == EEXIST ? changed_meanwhile(each.path) : failed(each.path);
    }
    if (::link(each.path.c_str(), each.gone.c_str()) != 0) return failed(each.path);
    const auto found = read_file(each.gone);
    if (found && *found && (*found)->text == each.change.now->text) return nothing{};
    ::unlink(each.gone.c_str());
    return found ? changed_meanwhile(each.path) : found.failure();
}

outcome<nothing> file_set::put(const step& each) {
    const bool is_made = !each.change.now;
    const int done = is_made              ? ::unlink(each.coming.c_str())
                     : each.change.wanted ? std::rename(each.coming.c_str(), each.path.c_str())
                                          : ::unlink(each.path.c_str());
    if (done != 0) return failed(each.path);
    return sync_folder_of(each.path);
}

void file_set::keep() {
    kept_ = true;
    for (const auto& each : steps_) {
        if (each.change.now) ::unlink(each.gone.c_str());
    }
}

// Needs no room on the disk: the old files are still there. A file that was only about to be
// replaced may have both names, which rename(2) leaves as they are.
void file_set::undo() {
    for (; replaced_ > 0; --replaced_) {
        const auto& each = steps_[replaced_ - 1];
        if (each.change.now) std::rename(each.gone.c_str(), each.path.c_str());
        if (each.change.now) ::unlink(each.gone.c_str());
        if (!each.change.now) ::unlink(each.path.c_str());
        (void)sync_folder_of(each.path);
    }
    for (const auto& each : steps_) ::unlink(each.coming.c_str());
}

outcome<nothing> write_file(const std::string& path, const stored_file& file) {
    if (auto made = make_folders(fs::path(path).parent_path()); !made) return made;
    const std::string coming = path + beside + new_suffix;
    auto written = write_new(coming, file);
    if (!written) return written;
    if (std::rename(coming.c_str(), path.c_str()) != 0) return failed(path);
    return sync_folder_of(path);
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
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed(folder);
    const bool done = ::fsync(fd) == 0;
    const error why = failed(folder);
    ::close(fd);
    return done ? outcome<nothing>(nothing{}) : why;
}

void remove_leftovers(const std::string& folder) {
    std::error_code code;
    std::vector<fs::path> found;
    fs::directory_iterator entry(folder, code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        const std::string name = entry->path().filename();
        const bool ours = name.find(beside) != name.npos &&
                          (name.ends_with(new_suffix) || name.ends_with(old_suffix));
        if (ours) found.push_back(entry->path());
    }
    for (const auto& path : found) fs::remove(path, code);
}

}  // namespace ie::exim
