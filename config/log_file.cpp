#include "config/log_file.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "messages/text.hpp"

namespace ie {
namespace {

// 0, or the error. `written` is set where some of it was.
int write_all(int fd, std::string_view bytes, bool& written) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done < 0 ? errno : ENOSPC;
        written = true;
        bytes.remove_prefix(static_cast<size_t>(done));
    }
    return 0;
}

void tell_standard_error(std::string_view lines) {
    bool ignored = false;
    (void)write_all(STDERR_FILENO, lines, ignored);
}

// Somebody can still read it.
bool has_a_name(const file_handle& file) {
    struct stat found {};
    return file && ::fstat(file.get(), &found) == 0 && found.st_nlink > 0;
}

}  // namespace

// Without waiting: a FIFO that nobody reads is an error, not the end of the process's work.
outcome<nothing> log_file::open(int64_t now_ms) {
    if (path_.empty()) return nothing{};
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    file_handle opened(::open(path_.c_str(), flags, 0666));  // less the umask
    if (!opened) {
        const std::string why = errno_text(errno);
        if (!has_a_name(file_)) file_.close();
        next_try_ms_ = now_ms + retry_ms;
        open_trouble_ = path_ + ": " + why + "; lines go to " +
                        (file_ ? "the file that was open before" : "standard error");
        return fail(error_code::storage_failed, open_trouble_);
    }
    file_ = std::move(opened);
    open_trouble_.clear();
    write_trouble_.clear();
    return nothing{};
}

bool log_file::recover(int64_t now_ms) {
    if (open_trouble_.empty() || now_ms < next_try_ms_) return false;
    return static_cast<bool>(open(now_ms));
}

bool log_file::append(std::string_view lines) {
    if (!file_) {
        tell_standard_error(lines);
        return true;
    }
    bool written = false;
    int failed = torn_ ? write_all(file_.get(), "\n", written) : 0;
    if (failed == 0) failed = write_all(file_.get(), lines, written);
    if (failed == 0) {
        lost_ = 0;
        torn_ = false;
        write_trouble_.clear();
        return true;
    }
    torn_ = torn_ || written;
    if (write_trouble_.empty()) {
        write_trouble_ = path_ + ": " + errno_text(failed);
        tell_standard_error("log lines are lost: " + write_trouble_ + "\n");
    }
    ++lost_;
    return false;
}

std::string log_file::trouble() const {
    if (write_trouble_.empty()) return open_trouble_;
    const std::string lost = write_trouble_ + "; " + std::to_string(lost_) + " lines lost so far";
    return open_trouble_.empty() ? lost : open_trouble_ + ", which refuses them: " + lost;
}

}  // namespace ie
