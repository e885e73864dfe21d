#include "actors/rate_limiter/quota_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>

#include "actors/journal/journal_scan.hpp"
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

// What can be read of it, durably in a file of its own; false: nothing can. Fails: storage_failed.
outcome<bool> copy_readable(const segment_file& from, const std::string& to) {
    constexpr size_t piece_bytes = 1 << 20;
    (void)::unlink(to.c_str());
    auto out = segment_file::open(to, {});
    if (!out) return out.failure();
    std::string piece;
    int code = 0;
    const auto flush = [&] {
        if (code == 0 && !piece.empty()) code = out->append({part_of(piece)}, "write");
        piece.clear();
    };
    record_layout layout;
    const auto found = scan_journal(from, from.size(), layout, behind_damage::goes_on,
                                    [&](const journal_record& record) {
                                        append_record(piece, record);
                                        if (piece.size() >= piece_bytes) flush();
                                    });
    flush();
    if (code == 0) code = out->sync();
    if (code != 0 || found.records == 0) (void)::unlink(to.c_str());
    if (code != 0) return failed(to, code);
    return found.records > 0;
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
    if (fault_.fails("list", folder_)) return failed(folder_, errno);
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

// Damaged is one in which something unreadable stands before records, or instead of them. A half
// record at the end is what a power cut leaves.
void quota_journal::read_segment(const std::string& path, const reader& read) {
    segments_.push_back({path, found_.last_ms});
    const auto file = segment_file::open_to_read(path, fault_);
    if (!file) return found_.unread.push_back(file.failure().what);
    std::vector<journal_record> batch;
    record_layout layout;
    const uint64_t bytes = file->size();
    const auto scanned = scan_journal(
        *file, bytes, layout, behind_damage::goes_on, [&](const journal_record& record) {
            if (batch.empty()) batch.reserve(batch_records);
            if (const auto* anchor = std::get_if<time_anchor>(&record)) found_.anchor = *anchor;
            found_.last_ms = std::max(found_.last_ms, time_of(record));
            batch.push_back(record);
            if (batch.size() < batch_records) return;
            read(batch);
            batch.clear();
        });
    if (!batch.empty()) read(batch);
    found_.records += scanned.records;
    found_.unreadable_bytes += scanned.altered_bytes;
    const bool is_torn_only = scanned.records > 0 || bytes < journal_record_bytes_max;
    if (scanned.error == EIO) return set_aside(*file, failed(path, EIO).what);
    if (scanned.error != 0) return found_.unread.push_back(failed(path, scanned.error).what);
    if (scanned.is_altered_inside || !is_torn_only) set_aside(*file, path + ": is damaged");
}

// What can be read of it takes its place at once, so that no crash leaves neither.
void quota_journal::set_aside(const segment_file& file, const std::string& why) {
    const std::string& path = file.path();
    const std::string aside = aside_of(path);
    const auto copied = copy_readable(file, path + ".new");
    if (!copied) {
        return found_.unread.push_back(why + "; it can't be set aside: " + copied.failure().what);
    }
    std::error_code failure;
    if (*copied) {
        fs::create_hard_link(path, aside, failure);
        if (!failure) fs::rename(path + ".new", path, failure);
    } else {
        fs::rename(path, aside, failure);
    }
    if (failure) {
        found_.unread.push_back(why + "; it can't be set aside: " + failure.message());
    } else {
        found_.set_aside.push_back(why + "; it is set aside as " + aside);
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
    auto opened = segment_file::open(path, fault_);
    if (!opened) return opened.failure();
    opened->set_end(opened->size());  // nothing of what stands there is written over
    ++last_number_;
    file_ = std::make_shared<segment_file>(std::move(*opened));
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
        file_ && (file_->end() >= segment_bytes_max ||
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
    const int code = file_->append({part_of(waiting_)}, "write");
    if (code == 0) {
        waiting_.clear();
        if (unsynced_.empty() || unsynced_.back() != file_) unsynced_.push_back(file_);
        return nothing{};
    }
    // What waits is written over what half of it has left; but nothing more to a file that the disk
    // fails with.
    if (code == EIO) {
        file_.reset();
        begin_at_ms_ = segments_.back().begun_ms + begin_retry_ms;
    }
    return failed(segments_.back().path, code);
}

// The folder as well: a file is new every some minutes.
std::function<outcome<nothing>()> quota_journal::take_sync() {
    if (unsynced_.empty()) return {};
    return [files = std::exchange(unsynced_, {}), folder = folder_]() -> outcome<nothing> {
        for (const auto& each : files) {
            if (const int code = each->sync(); code != 0) return failed(each->path(), code);
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
