#include "cli/log_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "messages/text.hpp"

namespace ie::cli {
namespace {

constexpr size_t block_bytes = 64 << 10;
constexpr size_t line_bytes_max = 1 << 20;  // what is longer is cut into several
constexpr off_t tail_bytes = 1 << 20;       // read first, in the hope that it is enough

error failed(const std::string& path, int code) {
    const bool denied = code == EACCES || code == EPERM;
    return fail(denied           ? error_code::not_permitted
                : code == ENOENT ? error_code::not_found
                                 : error_code::storage_failed,
                path + ": " + errno_text(code));
}

// The text up to the next space, which is taken away with it.
std::string word(std::string_view& text) {
    const size_t end = std::min(text.find(' '), text.size());
    std::string out(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return out;
}

std::optional<log_level> level_named(std::string_view name) {
    const auto names = enum_names(log_level{});
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<log_level>(found - names.begin());
}

}  // namespace

std::optional<log_line> parse_log_line(std::string_view text) {
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ ";
    const bool dated = text.size() > shape.size() &&
                       std::equal(shape.begin(), shape.end(), text.begin(), [](char s, char c) {
                           return s == 'd' ? c >= '0' && c <= '9' : s == c;
                       });
    if (!dated) return std::nullopt;
    log_line line;
    line.time = word(text);
    line.level = word(text);
    if (!level_named(line.level)) return std::nullopt;
    line.actor = word(text);
    line.event = word(text);
    line.keys = std::string(text);
    return line;
}

bool matches(const log_line& line, const log_filter& filter) {
    const auto level = level_named(line.level);
    return level && *level >= filter.least && (filter.actor.empty() || filter.actor == line.actor);
}

struct log_reader::opened {
    int fd = -1;
    std::string partial;  // a line that isn't complete yet
    bool wanted = false;  // does the last line match?

    explicit opened(const std::string& path)
        : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~opened() {
        if (fd >= 0) ::close(fd);
    }
    opened(const opened&) = delete;
    opened& operator=(const opened&) = delete;

    bool has_name(const std::string& path) const {
        struct stat ours {};
        struct stat named {};
        if (::fstat(fd, &ours) != 0 || ::stat(path.c_str(), &named) != 0) return false;
        return ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
    }

    void start_at(off_t offset) {
        ::lseek(fd, offset, SEEK_SET);
        partial.clear();
        wanted = false;
    }

    // logrotate's copytruncate
    bool was_cut() const {
        struct stat now {};
        return ::fstat(fd, &now) == 0 && now.st_size < ::lseek(fd, 0, SEEK_CUR);
    }
};

log_reader::log_reader(std::string path, log_filter filter)
    : path_(std::move(path)), filter_(std::move(filter)) {}

outcome<std::deque<log_line>> log_reader::last(size_t count) {
    current_ = std::make_shared<opened>(path_);
    struct stat file {};
    if (current_->fd < 0 || ::fstat(current_->fd, &file) != 0) {
        const int code = errno;
        current_.reset();
        return failed(path_, code);
    }
    std::deque<log_line> found;
    for (const off_t start : {std::max<off_t>(file.st_size - tail_bytes, 0), off_t{0}}) {
        found.clear();
        current_->start_at(start);
        read_on(*current_, found, count);
        if (found.size() >= count || start == 0) break;
    }
    return found;
}

std::deque<log_line> log_reader::news() {
    std::deque<log_line> found;
    if (!current_ || !current_->has_name(path_)) {
        auto next = std::make_shared<opened>(path_);
        if (next->fd >= 0) previous_ = std::exchange(current_, std::move(next));
    }
    if (previous_) read_on(*previous_, found, SIZE_MAX);
    if (!current_) return found;
    if (current_->was_cut()) current_->start_at(0);
    read_on(*current_, found, SIZE_MAX);
    return found;
}

void log_reader::read_on(opened& file, std::deque<log_line>& into, size_t count) {
    char block[block_bytes];
    for (ssize_t size = 0; (size = ::read(file.fd, block, sizeof block)) > 0;) {
        std::string_view rest(block, static_cast<size_t>(size));
        for (size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
            file.partial += rest.substr(0, end);
            take(file, into, count);
        }
        file.partial += rest;
        if (file.partial.size() > line_bytes_max) take(file, into, count);
    }
}

// Lines before the first complete one belong to something that isn't read: they are left out.
void log_reader::take(opened& file, std::deque<log_line>& into, size_t count) {
    const std::string text = std::exchange(file.partial, {});
    auto line = parse_log_line(text);
    if (!line) {
        if (file.wanted && !into.empty()) into.back().keys.append("\n").append(text);
        return;
    }
    file.wanted = matches(*line, filter_);
    if (!file.wanted || count == 0) return;
    if (into.size() == count) into.pop_front();
    into.push_back(std::move(*line));
}

outcome<std::vector<std::string>> log_paths(const std::string& folder) {
    std::error_code failure;
    std::vector<std::string> paths;
    const std::filesystem::directory_iterator end;
    for (std::filesystem::directory_iterator at(folder, failure); !failure && at != end;
         at.increment(failure)) {
        if (at->path().extension() == ".log") paths.push_back(at->path());
    }
    if (failure) return failed(folder, failure.value());
    std::sort(paths.begin(), paths.end());
    if (paths.empty()) {
        return fail(error_code::not_found, folder + ": no log files; has ie-engine been started?");
    }
    return paths;
}

}  // namespace ie::cli
