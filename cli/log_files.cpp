#include "cli/log_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace ie::cli {
namespace {

constexpr size_t block_bytes = 64 << 10;
constexpr size_t line_bytes_max = 1 << 20;  // what is longer is cut into several
constexpr off_t tail_bytes = 1 << 20;       // read first, in the hope that it is enough

error failed(const std::string& path, int code) {
    const bool denied = code == EACCES || code == EPERM;
    return fail(denied            ? error_code::not_permitted
                : code == ENOENT ? error_code::not_found
                                 : error_code::storage_failed,
                path + ": " + std::strerror(code));
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

bool same_file(int fd, const std::string& path) {
    struct stat opened {};
    struct stat named {};
    return fstat(fd, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

std::optional<log_line> parse_log_line(std::string_view text) {
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ ";
    const bool dated =
        text.size() > shape.size() &&
        std::equal(shape.begin(), shape.end(), text.begin(),
                   [](char s, char c) { return s == 'd' ? c >= '0' && c <= '9' : s == c; });
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

log_reader::log_reader(std::string path, log_filter filter)
    : path_(std::move(path)), filter_(std::move(filter)) {}

log_reader::~log_reader() { close(); }

log_reader::log_reader(log_reader&& other) noexcept
    : path_(std::move(other.path_)),
      filter_(std::move(other.filter_)),
      fd_(std::exchange(other.fd_, -1)),
      partial_(std::move(other.partial_)),
      wanted_(other.wanted_) {}

bool log_reader::open() {
    if (fd_ < 0) fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd_ >= 0;
}

void log_reader::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    partial_.clear();
}

outcome<std::deque<log_line>> log_reader::last(size_t count) {
    if (!open()) return failed(path_, errno);
    struct stat file {};
    if (fstat(fd_, &file) != 0) return failed(path_, errno);
    std::deque<log_line> found;
    for (const off_t start : {std::max<off_t>(file.st_size - tail_bytes, 0), off_t{0}}) {
        // Lines before the first complete one belong to what isn't read.
        if (lseek(fd_, start, SEEK_SET) < 0) return failed(path_, errno);
        found.clear();
        partial_.clear();
        wanted_ = false;
        read_on(found, count);
        if (found.size() >= count || start == 0) break;
    }
    return found;
}

std::deque<log_line> log_reader::news() {
    std::deque<log_line> found;
    if (!open()) return found;
    struct stat file {};
    const off_t at = lseek(fd_, 0, SEEK_CUR);
    if (fstat(fd_, &file) == 0 && file.st_size < at) {  // cut short: logrotate's copytruncate
        lseek(fd_, 0, SEEK_SET);
        partial_.clear();
    }
    const bool moved = !same_file(fd_, path_);
    read_on(found, SIZE_MAX);
    if (!moved) return found;
    close();
    if (open()) read_on(found, SIZE_MAX);
    return found;
}

void log_reader::read_on(std::deque<log_line>& into, size_t count) {
    char block[block_bytes];
    for (ssize_t size = 0; (size = ::read(fd_, block, sizeof block)) > 0;) {
        std::string_view rest(block, static_cast<size_t>(size));
        for (size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
            partial_ += rest.substr(0, end);
            take(partial_, into, count);
            partial_.clear();
        }
        partial_ += rest;
        if (partial_.size() > line_bytes_max) {
            take(partial_, into, count);
            partial_.clear();
        }
    }
}

void log_reader::take(std::string_view text, std::deque<log_line>& into, size_t count) {
    auto line = parse_log_line(text);
    if (!line) {
        if (wanted_ && !into.empty()) into.back().keys.append("\n").append(text);
        return;
    }
    wanted_ = matches(*line, filter_);
    if (!wanted_ || count == 0) return;
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
