#include "gateway/folder_maker/maildir_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t subscriptions_bytes_max = 1 << 20;
constexpr std::chrono::milliseconds lock_wait{2'000};
constexpr std::chrono::milliseconds lock_poll{20};
constexpr time_t lock_stale_s = 60;
constexpr std::string_view second_form = "V\t2\n";

error failed(const std::string& path) {
    return fail(error_code::storage_failed, path + ": " + errno_text(errno));
}

// Whoever has made it is gone: it is there for moments only.
bool is_stale(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0 && found.st_mtime + lock_stale_s < ::time(nullptr);
}

// Made so that nobody else has it; gone with this.
class lock_file {
  public:
    static outcome<lock_file> take(const std::string& path) {
        const auto until = std::chrono::steady_clock::now() + lock_wait;
        for (;;) {
            const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
            if (fd >= 0) return lock_file(path, fd);
            if (errno != EEXIST) return failed(path);
            if (is_stale(path)) ::unlink(path.c_str());
            if (std::chrono::steady_clock::now() >= until) {
                return fail(error_code::busy, path + " is somebody else's");
            }
            std::this_thread::sleep_for(lock_poll);
        }
    }
    lock_file(lock_file&& other) noexcept
        : path_(std::exchange(other.path_, {})), fd_(std::exchange(other.fd_, -1)) {}
    lock_file& operator=(lock_file&&) = delete;
    ~lock_file() {
        if (fd_ >= 0) ::close(fd_);
        if (!path_.empty()) ::unlink(path_.c_str());
    }

    // The file becomes what it locks.
    outcome<nothing> write_and_become(const std::string& target, std::string_view text) {
        const bool written =
            ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
            ::fsync(fd_) == 0;
        if (!written || ::rename(path_.c_str(), target.c_str()) != 0) return failed(target);
        path_.clear();
        return nothing{};
    }

  private:
    lock_file(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::string path_;
    int fd_;
};

outcome<std::string> read_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) return std::string{};
    if (fd < 0) return failed(path);
    std::string text(subscriptions_bytes_max + 1, '\0');
    const ssize_t size = ::read(fd, text.data(), text.size());
    const auto failure = failed(path);
    ::close(fd);
    if (size < 0) return failure;
    if (static_cast<size_t>(size) > subscriptions_bytes_max) {
        return fail(error_code::storage_failed, path + " is too large");
    }
    text.resize(static_cast<size_t>(size));
    return text;
}

outcome<nothing> subscribe(const std::string& maildir, const std::string& folder) {
    const std::string path = maildir + "/subscriptions";
    auto lock = lock_file::take(path + ".lock");
    if (!lock) return lock.failure();
    const auto before = read_file(path);
    if (!before) return before.failure();
    const std::string after = with_subscription(*before, folder);
    if (after == *before) return nothing{};
    return lock->write_and_become(path, after);
}

outcome<nothing> make_folders(const std::string& path) {
    for (const char* part : {"", "/tmp", "/new", "/cur"}) {
        const std::string each = path + part;
        if (::mkdir(each.c_str(), 0700) != 0 && errno != EEXIST) return failed(each);
    }
    const std::string mark = path + "/maildirfolder";
    const int fd = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return failed(mark);
    ::close(fd);
    return nothing{};
}

}  // namespace

std::string with_subscription(std::string_view subscriptions, std::string_view folder) {
    std::string line(folder);
    // The second form has a tab between a folder and what is below it.
    if (subscriptions.starts_with(second_form)) std::replace(line.begin(), line.end(), '.', '\t');
    std::string text(subscriptions);
    if (!text.empty() && text.back() != '\n') text += '\n';
    line += '\n';
    const bool known = text.starts_with(line) || text.find('\n' + line) != text.npos;
    return known ? std::string(subscriptions) : text + line;
}

outcome<nothing> make_folder(const std::string& maildir, const std::string& folder) {
    const bool named = !folder.empty() && folder.front() != '.' &&
                       folder.find_first_of(std::string("/\n\t\0", 4)) == folder.npos;
    if (!named)
        return fail(error_code::bad_request, "no folder can be called " + log_value(folder));
    if (!maildir.starts_with('/')) {
        return fail(error_code::bad_request, log_value(maildir) + " isn't an absolute path");
    }
    // Exim looks for the file `maildirfolder`, which comes last: what failed is tried with the next
    // mail.
    if (const auto done = subscribe(maildir, folder); !done) return done;
    return make_folders(maildir + "/." + folder);
}

}  // namespace ie
