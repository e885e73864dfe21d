#include "actors/rate_limiter/quota_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/system/file_handle.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view suffix = ".journal";
constexpr size_t batch_records = 64;
constexpr int64_t anchor_interval_ms = 1'000;
constexpr int64_t segments_a_span = 6;

error failed(const std::string& path, int code) {
    return fail(error_code::storage_failed, path + ": " + errno_text(code));
}

// Nothing where the name isn't one of ours.
std::optional<uint64_t> number_of(const std::filesystem::path& path) {
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

outcome<std::string> content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return failed(path, errno);
    std::ostringstream out;
    out << in.rdbuf();
    if (in.bad() || out.bad()) return failed(path, EIO);
    return std::move(out).str();
}

}  // namespace

quota_journal::quota_journal(std::string folder, int64_t span_ms)
    : folder_(std::move(folder)), span_ms_(span_ms) {}
quota_journal::quota_journal(quota_journal&&) noexcept = default;
quota_journal& quota_journal::operator=(quota_journal&&) noexcept = default;
quota_journal::~quota_journal() = default;

outcome<quota_journal> quota_journal::open(const std::string& folder, int64_t span_ms,
                                           const reader& read) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    std::vector<std::pair<uint64_t, std::string>> files;
    for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end;
         at.increment(failure)) {
        if (const auto number = number_of(at->path())) files.emplace_back(*number, at->path());
    }
    if (failure) return failed(folder, failure.value());
    std::sort(files.begin(), files.end());
    quota_journal out(folder, span_ms);
    for (const auto& [number, path] : files) {
        if (const auto done = out.read_segment(path, read); !done) return done.failure();
        out.last_number_ = number;
    }
    return out;
}

outcome<nothing> quota_journal::read_segment(const std::string& path, const reader& read) {
    const auto content = content_of(path);
    if (!content) return content.failure();
    std::string_view rest = *content;
    std::vector<journal_record> batch;
    segments_.push_back({path, found_.last_ms});
    while (true) {
        const auto record = take_record(rest);
        if (record) {
            if (found_.records++ == 0 || batch.empty()) batch.reserve(batch_records);
            if (const auto* anchor = std::get_if<time_anchor>(&*record)) found_.anchor = *anchor;
            found_.last_ms = std::max(found_.last_ms, time_of(*record));
            batch.push_back(*record);
        }
        if (batch.size() == batch_records || (!record && !batch.empty())) {
            read(batch);
            batch.clear();
        }
        if (!record) break;
    }
    found_.unreadable_bytes += rest.size();
    return nothing{};
}

outcome<nothing> quota_journal::begin_segment(time_anchor now) {
    file_.reset();
    std::string digits = std::to_string(last_number_ + 1);
    digits.insert(0, 12 - std::min<size_t>(digits.size(), 12), '0');
    const std::string path = folder_ + "/" + digits + std::string(suffix);
    file_handle opened(path, O_WRONLY | O_CREAT | O_APPEND);
    if (!opened) return failed(path, errno);
    ++last_number_;
    file_ = std::make_shared<file_handle>(std::move(opened));
    file_bytes_ = 0;
    segments_.push_back({path, now.at_ms});
    drop_old_segments(now.at_ms);
    return nothing{};
}

// A segment is older than the beginning of the one behind it.
void quota_journal::drop_old_segments(int64_t now_ms) {
    while (segments_.size() > 1 && segments_[1].begun_ms <= now_ms - span_ms_) {
        if (unlink(segments_[0].path.c_str()) != 0 && errno != ENOENT) return;
        segments_.pop_front();
    }
}

outcome<nothing> quota_journal::append(const journal_record& record, time_anchor now) {
    const bool worn =
        file_ && (file_bytes_ >= segment_bytes_max ||
                  now.at_ms - segments_.back().begun_ms >= span_ms_ / segments_a_span);
    const bool fresh = !file_ || worn;
    if (fresh) {
        if (auto begun = begin_segment(now); !begun) return begun;
    }
    buffer_.clear();
    if (fresh || now.at_ms - anchored_ms_ >= anchor_interval_ms) {
        append_record(buffer_, now);
        anchored_ms_ = now.at_ms;
    }
    append_record(buffer_, record);
    const ssize_t written = write(file_->get(), buffer_.data(), buffer_.size());
    if (written != static_cast<ssize_t>(buffer_.size())) {
        const int code = written < 0 ? errno : ENOSPC;
        // What comes next must not stand behind half a record.
        if (written > 0 && ftruncate(file_->get(), static_cast<off_t>(file_bytes_)) != 0) {
            file_.reset();
        }
        return failed(segments_.back().path, code);
    }
    file_bytes_ += buffer_.size();
    if (unsynced_.empty() || unsynced_.back() != file_) unsynced_.push_back(file_);
    return nothing{};
}

// The folder as well: a file is new every some minutes.
std::function<outcome<nothing>()> quota_journal::take_sync() {
    if (unsynced_.empty()) return {};
    return [files = std::exchange(unsynced_, {}), folder = folder_]() -> outcome<nothing> {
        for (const auto& each : files) {
            if (fdatasync(each->get()) != 0) return failed(folder, errno);
        }
        const file_handle opened(folder, O_RDONLY | O_DIRECTORY);
        if (!opened || fsync(opened.get()) != 0) return failed(folder, errno);
        return nothing{};
    };
}

}  // namespace ie
