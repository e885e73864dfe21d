#include "actors/rate_limiter/quota_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>

#include "config/system/file_handle.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".journal";
constexpr size_t batch_records = 64;
constexpr int64_t anchor_interval_ms = 1'000;
constexpr int64_t segments_a_span = 6;
constexpr int64_t begin_retry_ms = 1'000;  // a disk that refuses each write isn't filled with files

error failed(const std::string& path, int code) {
    return fail(error_code::storage_failed, path + ": " + errno_text(code));
}

// Nothing where the name isn't one of ours.
std::optional<uint64_t> number_of(const fs::path& path) {
    if (path.extension() != suffix) return std::nullopt;
    const std::string stem = path.stem().string();
    uint64_t number = 0;
    const auto read = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (read.ec != std::errc{} || read.ptr != stem.data() + stem.size()) return std::nullopt;
    return number;
}

int64_t time_of(const journal_record& record) {
    if (const auto* anchor = std::get_if<time_anchor>(&record)) return anchor->at_ms;
    if (const auto* mail = std::get_if<mail_counted>(&record)) return mail->reservation.at_ms;
    if (const auto* mail = std::get_if<mail_given_back>(&record)) return mail->at_ms;
    return std::get<object_forgotten>(record).at_ms;
}

// Bytes up to the next record, or all; 0: one stands here.
size_t gap_at(std::string_view content) {
    std::string_view rest = content;
    if (take_record(rest)) return 0;
    return next_record(content).value_or(content.size());
}

std::string whole_records(std::string_view content) {
    std::string out;
    while (!content.empty()) {
        if (const size_t gap = gap_at(content); gap > 0) {
            content.remove_prefix(gap);
            continue;
        }
        std::string_view rest = content;
        (void)take_record(rest);
        out += content.substr(0, content.size() - rest.size());
        content = rest;
    }
    return out;
}

outcome<nothing> write_file(const std::string& path, std::string_view bytes) {
    const file_handle out(path, O_WRONLY | O_CREAT | O_TRUNC);
    while (out && !bytes.empty()) {
        const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
        if (written <= 0) return failed(path, errno);
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    if (!out || ::fsync(out.get()) != 0) return failed(path, errno);
    return nothing{};
}

std::string aside_of(const std::string& path) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return path + ".damaged-" +
           std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

quota_journal::quota_journal(std::string folder, int64_t span_ms, fault_point fault)
    : folder_(std::move(folder)), span_ms_(span_ms), fault_(std::move(fault)) {}
quota_journal::quota_journal(quota_journal&&) noexcept = default;
quota_journal& quota_journal::operator=(quota_journal&&) noexcept = default;
quota_journal::~quota_journal() = default;

quota_journal quota_journal::open(const std::string& folder, int64_t span_ms, const reader& read,
                                  fault_point fault) {
    quota_journal out(folder, span_ms, std::move(fault));
    const auto paths = out.list_segments();
    if (!paths) {
        out.found_.unread.push_back(paths.failure().what);
        return out;
    }
    for (const auto& path : *paths) out.read_segment(path, read);
    return out;
}

// Oldest first.
outcome<std::vector<std::string>> quota_journal::list_segments() {
    std::error_code failure;
    fs::create_directories(folder_, failure);
    std::vector<std::pair<uint64_t, std::string>> files;
    fs::directory_iterator at(folder_, failure);
    if (const int code = failure_at("list"); code != 0) return failed(folder_, code);
    for (const fs::directory_iterator end; !failure && at != end; at.increment(failure)) {
        if (const auto number = number_of(at->path())) files.emplace_back(*number, at->path());
    }
    if (failure) return failed(folder_, failure.value());
    std::sort(files.begin(), files.end());
    listed_ = true;
    std::vector<std::string> out;
    for (auto& [number, path] : files) {
        last_number_ = std::max(last_number_, number);
        out.push_back(std::move(path));
    }
    return out;
}

void quota_journal::read_segment(const std::string& path, const reader& read) {
    segments_.push_back({path, found_.last_ms});
    auto content = content_of(path);
    const std::string disk_error = failed(path, EIO).what;
    if (!content && content.failure().what == disk_error) {
        content = content_of(path);
        if (!content && content.failure().what == disk_error)
            return set_aside(path, {}, disk_error);
    }
    if (!content) return found_.unread.push_back(content.failure().what);
    if (!take_records(*content, read)) set_aside(path, *content, path + ": is damaged");
}

// False where it is damaged: something unreadable stands before records, or instead of them. A half
// record at the end is what a power cut leaves.
bool quota_journal::take_records(std::string_view content, const reader& read) {
    std::vector<journal_record> batch;
    bool has_gap = false, is_sound = true, has_records = false;
    for (std::string_view rest = content; !rest.empty();) {
        const auto record = take_record(rest);
        if (!record) {
            const size_t gap = gap_at(rest);
            found_.unreadable_bytes += gap;
            rest.remove_prefix(gap);
            has_gap = true;
            continue;
        }
        has_records = true;
        is_sound = is_sound && !has_gap;
        if (found_.records++ == 0 || batch.empty()) batch.reserve(batch_records);
        if (const auto* anchor = std::get_if<time_anchor>(&*record)) found_.anchor = *anchor;
        found_.last_ms = std::max(found_.last_ms, time_of(*record));
        batch.push_back(*record);
        if (batch.size() < batch_records) continue;
        read(batch);
        batch.clear();
    }
    if (!batch.empty()) read(batch);
    return is_sound && (has_records || content.size() < journal_record_bytes_max);
}

// What can be read of it takes its place at once, so that no crash leaves neither.
void quota_journal::set_aside(const std::string& path, std::string_view content,
                              const std::string& why) {
    const std::string aside = aside_of(path);
    const std::string readable = whole_records(content);
    std::error_code failure;
    if (readable.empty()) {
        fs::rename(path, aside, failure);
    } else if (const auto written = write_file(path + ".new", readable); !written) {
        return found_.unread.push_back(why + "; it can't be set aside: " + written.failure().what);
    } else {
        fs::create_hard_link(path, aside, failure);
        if (!failure) fs::rename(path + ".new", path, failure);
    }
    if (failure) {
        found_.unread.push_back(why + "; it can't be set aside: " + failure.message());
    } else {
        found_.set_aside.push_back(why + "; it is set aside as " + aside);
    }
}

outcome<std::string> quota_journal::content_of(const std::string& path) const {
    constexpr size_t step_bytes = 1 << 20;
    const file_handle in(path, O_RDONLY);
    if (!in) return failed(path, errno);
    std::string out;
    while (true) {
        const size_t size = out.size();
        out.resize(size + step_bytes);
        const int code = failure_at("read");
        const ssize_t got = code == 0 ? ::read(in.get(), out.data() + size, step_bytes) : -1;
        if (got < 0) return failed(path, code == 0 ? errno : code);
        out.resize(size + static_cast<size_t>(got));
        if (got == 0) return out;
    }
}

outcome<nothing> quota_journal::begin_segment(int64_t now_ms) {
    file_.reset();
    if (now_ms < begin_at_ms_) return failed(segments_.back().path, EIO);
    if (!listed_) {
        const auto paths = list_segments();
        if (!paths) return paths.failure();
        for (const auto& path : *paths) segments_.push_back({path, now_ms});
    }
    std::string digits = std::to_string(last_number_ + 1);
    digits.insert(0, 12 - std::min<size_t>(digits.size(), 12), '0');
    const std::string path = folder_ + "/" + digits + std::string(suffix);
    file_handle opened(path, O_WRONLY | O_CREAT | O_APPEND);
    if (!opened) return failed(path, errno);
    ++last_number_;
    file_ = std::make_shared<file_handle>(std::move(opened));
    file_bytes_ = 0;
    segments_.push_back({path, now_ms});
    drop_old_segments(now_ms);
    return nothing{};
}

// A segment is older than the beginning of the one behind it. (What can't be deleted, such as a
// directory in its place, is looked at again by the next open().)
void quota_journal::drop_old_segments(int64_t now_ms) {
    while (segments_.size() > 1 && segments_[1].begun_ms <= now_ms - span_ms_) {
        (void)::unlink(segments_[0].path.c_str());
        segments_.pop_front();
    }
}

outcome<nothing> quota_journal::append(std::initializer_list<journal_record> records,
                                       const time_anchor& now) {
    const bool worn =
        file_ && (file_bytes_ >= segment_bytes_max ||
                  now.at_ms - segments_.back().begun_ms >= span_ms_ / segments_a_span);
    const bool fresh = !file_ || worn;
    const size_t waited = waiting_.size();
    if ((fresh && waited == 0) || now.at_ms - anchored_ms_ >= anchor_interval_ms) {
        append_record(waiting_, now);
        anchored_ms_ = now.at_ms;
    }
    for (const auto& each : records) append_record(waiting_, each);
    const bool too_much = waiting_.size() > waiting_bytes_max;
    if (too_much) waiting_.resize(waited);
    outcome<nothing> done = nothing{};
    if (fresh) done = begin_segment(now.at_ms);
    if (done) done = write_waiting();
    if (!done || !too_much) return done;
    return fail(error_code::storage_failed,
                folder_ + ": there was no room for a record that waited");
}

outcome<nothing> quota_journal::write_waiting() {
    const int injected = failure_at("write");
    const ssize_t written =
        injected == 0 ? ::write(file_->get(), waiting_.data(), waiting_.size()) : -1;
    if (written == static_cast<ssize_t>(waiting_.size())) {
        file_bytes_ += waiting_.size();
        waiting_.clear();
        if (unsynced_.empty() || unsynced_.back() != file_) unsynced_.push_back(file_);
        return nothing{};
    }
    const int code = written >= 0 ? ENOSPC : injected != 0 ? injected : errno;
    // What comes next must not stand behind half a record, nor in a file that the disk fails with.
    const bool cut =
        written <= 0 || ::ftruncate(file_->get(), static_cast<off_t>(file_bytes_)) == 0;
    if (!cut || code == EIO) {
        file_.reset();
        begin_at_ms_ = segments_.back().begun_ms + begin_retry_ms;
    }
    return failed(segments_.back().path, code);
}

// The folder as well: a file is new every some minutes.
std::function<outcome<nothing>()> quota_journal::take_sync() {
    if (unsynced_.empty()) return {};
    return [files = std::exchange(unsynced_, {}), folder = folder_,
            fault = fault_]() -> outcome<nothing> {
        for (const auto& each : files) {
            const int injected = fault ? fault("fsync") : 0;
            if (injected != 0) return failed(folder, injected);
            if (fdatasync(each->get()) != 0) return failed(folder, errno);
        }
        const file_handle opened(folder, O_RDONLY | O_DIRECTORY);
        if (!opened || fsync(opened.get()) != 0) return failed(folder, errno);
        return nothing{};
    };
}

void quota_journal::tell_failed_sync() {
    file_.reset();
}

}  // namespace ie
