#include "actors/quarantine/store/hold_journal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "actors/journal/file_io.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int64_t tight_ms = 60'000;  // for how long freed segments are cut
constexpr uint64_t carried_at_once_bytes = 4 << 20;

error cant_open(const std::string& what) {
    return fail(error_code::storage_failed, "can't open " + what + ": " + errno_text(errno));
}

// A folder of each device: a second syncfs would do the first one's work again, and have its
// error, told once for each descriptor, for itself.
outcome<std::vector<synced_device>> one_a_device(const std::vector<std::string>& folders) {
    std::vector<synced_device> opened;
    std::vector<dev_t> devices;
    for (const auto& each : folders) {
        file_handle folder(each, O_RDONLY | O_DIRECTORY);
        struct stat about {};
        if (!folder || ::fstat(folder.get(), &about) != 0) return cant_open(each);
        if (std::find(devices.begin(), devices.end(), about.st_dev) != devices.end()) continue;
        devices.push_back(about.st_dev);
        opened.push_back({each, std::move(folder)});
    }
    return opened;
}

// All of them, so that none has an error left to tell.
int sync_all(const std::vector<int>& folders) {
    int code = 0;
    for (const int folder : folders) {
        if (::syncfs(folder) != 0) code = errno;
    }
    return code;
}

std::vector<int> descriptors(const std::vector<synced_device>& devices) {
    std::vector<int> all;
    for (const auto& each : devices) all.push_back(each.folder.get());
    return all;
}

}  // namespace

hold_journal::hold_journal(two_segments segments, std::vector<synced_device> synced,
                           fault_point fault)
    : segments_(std::move(segments)), synced_(std::move(synced)), fault_(std::move(fault)) {
    const journal_segment& first = *segments_[0];
    const journal_segment& second = *segments_[1];
    settled_ = first.is_empty() && second.is_empty();
    const bool is_second_newer = first.is_empty() || first.number() < second.number();
    active_ = !second.is_empty() && is_second_newer ? 1 : 0;
}

outcome<hold_journal> hold_journal::open(const std::string& path,
                                         const std::vector<std::string>& synced,
                                         fault_point fault) {
    two_segments segments;
    for (size_t i = 0; i < segments.size(); ++i) {
        auto opened = journal_segment::open(path + "." + std::to_string(i), fault);
        if (!opened) return opened.failure();
        segments[i] = std::make_unique<journal_segment>(std::move(*opened));
    }
    const std::string around = std::filesystem::path(path).parent_path();
    const file_handle folder(around, O_RDONLY | O_DIRECTORY);
    if (!folder || ::fsync(folder.get()) != 0) return cant_open(around);
    auto folders = one_a_device(synced);
    if (!folders) return folders.failure();
    return hold_journal(std::move(segments), std::move(*folders), std::move(fault));
}

outcome<nothing> hold_journal::ready() const {
    if (settled_) return nothing{};
    return fail(error_code::storage_failed,
                active().path() + ": what was held before isn't safely stored yet");
}

outcome<nothing> hold_journal::append(const std::vector<journal_entry>& entries) {
    if (const auto is_ready = ready(); !is_ready) return is_ready;
    if (is_full()) {
        if (const auto turned = turn_over(); !turned) return turned;
    }
    int code = append_to_active(entries);
    if (is_disk_full(code) && make_room()) code = append_to_active(entries);
    if (code != 0) return active().failed("can't append to", code);
    for (const auto& each : entries) covered_bytes_ += each.mail.size();
    return nothing{};
}

outcome<nothing> hold_journal::append_alone(const journal_entry& entry) {
    if (const auto is_ready = ready(); !is_ready) return is_ready;
    const int code = append_to_active({entry});
    if (code != 0) return active().failed("can't append to", code);
    covered_bytes_ += entry.mail.size();
    return nothing{};
}

int hold_journal::append_to_active(const std::vector<journal_entry>& entries) {
    if (!has_news()) filled_from_ms_ = steady_now_ms();
    return active().append(entries, next_number());
}

// Higher than all before, of either segment: what outranks what is told by it.
uint64_t hold_journal::next_number() const {
    return std::max(active().number(), other().number()) + 1;
}

bool hold_journal::is_full() const {
    return active().end() - old_bytes_ >= segment_bytes_max ||
           active().mail_count() >= segment_mails_max + old_mails_ ||
           covered_bytes_ >= covered_bytes_max;
}

// Not synced: an engine that is killed leaves it to the kernel, and after a power cut the row tells
// the same, unless it is lost as well.
void hold_journal::forget(const mail_id& id) {
    carried_.erase(id.value);
    if (!active().has(id) && !other().has(id)) return;
    if (!has_news()) filled_from_ms_ = steady_now_ms();
    active().append_forgotten(id, next_number());
    for (auto& each : segments_) each->forget(id);
}

outcome<nothing> hold_journal::tend(int64_t steady_ms) {
    if (checkpoint_runs() &&
        checkpoint_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
        if (const auto ended = end_checkpoint(); !ended) return ended;
    }
    const bool is_due = has_news() && steady_ms - filled_from_ms_ >= age_ms_max;
    if (!settled_ || checkpoint_runs() || !is_due) return nothing{};
    return turn_over();
}

bool hold_journal::make_room() {
    bool made = active().cut();
    if (checkpoint_runs()) return made;
    made = other().cut() || made;
    const int64_t now_ms = steady_now_ms();
    if (settled_ && has_news() && now_ms - made_room_at_ms_ >= room_interval_ms) {
        made_room_at_ms_ = now_ms;
        (void)turn_over();  // none is under way that could have failed
    }
    return made;
}

bool hold_journal::is_tight() const {
    return steady_now_ms() - made_room_at_ms_ < tight_ms;
}

// Fills the other segment from now on.
outcome<nothing> hold_journal::turn_over() {
    if (checkpoint_runs()) {
        if (const auto ended = end_checkpoint(); !ended) return ended;
    }
    active_ = 1 - active_;
    old_bytes_ = 0;
    old_mails_ = 0;
    covered_bytes_ = 0;
    checkpoint_frees_ = carried_.empty();
    const int fault = sync_fault();
    checkpoint_ =
        std::async(std::launch::async, [fault, folders = descriptors(synced_), segment = &other(),
                                        frees = checkpoint_frees_, gives_room = is_tight()] {
            const int code = fault != 0 ? fault : sync_all(folders);
            return code != 0 || !frees ? code : segment->free_file(gives_room);
        });
    return nothing{};
}

// Waits for it.
outcome<nothing> hold_journal::end_checkpoint() {
    const int code = checkpoint_.get();
    if (code != 0) {
        settled_ = false;
        return other().failed("can't make durable what is in", code);
    }
    if (checkpoint_frees_) {
        other().freed();
        return nothing{};
    }
    const auto mails = carried_in(1 - active_);
    auto done = mails ? carry(*mails) : mails.failure();
    if (done) done = free(other());
    settled_ = static_cast<bool>(done);
    return done;
}

outcome<nothing> hold_journal::settle(const std::vector<unsettled_mail>& carried) {
    if (checkpoint_runs()) {
        if (const auto ended = end_checkpoint(); !ended) return ended;
    }
    settled_ = false;
    int code = sync_fault();
    if (code == 0) code = sync_all(descriptors(synced_));
    if (code != 0) return active().failed("can't make durable what is in", code);
    std::vector<unsettled_mail> elsewhere;
    carried_.clear();
    for (const auto& each : carried) {
        carried_.insert(each.id.value);
        if (!stays(each)) elsewhere.push_back(each);
    }
    if (const auto done = carry(elsewhere); !done) return done;
    if (const auto done = free(other()); !done) return done;
    if (carried.empty()) {
        if (const auto done = free(active()); !done) return done;
    }
    old_bytes_ = active().end();
    old_mails_ = active().mail_count();
    covered_bytes_ = 0;
    settled_ = true;
    return nothing{};
}

// All that matters of it is in the active segment: only the newest of its files can't be whole. A
// mail with a file in each is carried wholly, for their order; once.
bool hold_journal::stays(const unsettled_mail& mail) const {
    const auto here =
        std::count_if(mail.files.begin(), mail.files.end(),
                      [this](const entry_place& at) { return at.segment == active_; });
    return 2 * static_cast<size_t>(here) > mail.files.size();
}

int hold_journal::sync_fault() const {
    int code = 0;
    for (const auto& each : synced_) {
        if (fault_.fails("checkpoint", each.path)) code = errno;
    }
    return code;
}

outcome<nothing> hold_journal::free(journal_segment& segment) {
    if (segment.is_empty()) return nothing{};
    if (const int code = segment.free_file(is_tight()); code != 0) {
        return segment.failed("can't free", code);
    }
    segment.freed();
    return nothing{};
}

// The oldest first, as they were appended, a bounded part at a time.
outcome<nothing> hold_journal::carry(const std::vector<unsettled_mail>& mails) {
    for (size_t at = 0; at < mails.size();) {
        std::deque<mail_bytes> bytes;  // they stay where they are
        std::vector<journal_entry> entries;
        for (uint64_t size = 0; at < mails.size() && size < carried_at_once_bytes; ++at) {
            const auto& files = mails[at].files;
            for (auto place = files.rbegin(); place != files.rend(); ++place) {
                auto found = read(*place);
                if (!found) found = read(*place);  // a disk may err once
                if (!found) {
                    carried_.erase(mails[at].id.value);
                    lost_.push_back(mails[at].id);
                    continue;
                }
                const std::string_view file = bytes.emplace_back(std::move(*found)).view();
                entries.push_back({mails[at].id, file.substr(0, place->head_bytes),
                                   file.substr(place->head_bytes), place->has_mail});
                size += file.size();
            }
        }
        if (entries.empty()) continue;
        const uint64_t end = active().end();
        const size_t mail_count = active().mail_count();
        const int code = append_to_active(entries);
        if (code != 0) return active().failed("can't append to", code);
        old_bytes_ += active().end() - end;
        old_mails_ += active().mail_count() - mail_count;
    }
    return nothing{};
}

outcome<std::vector<hold_journal::unsettled_mail>> hold_journal::unsettled() const {
    return mails_of({0, 1});
}

outcome<std::vector<hold_journal::unsettled_mail>> hold_journal::carried() const {
    if (carried_.empty() || checkpoint_runs() || !settled_) return std::vector<unsettled_mail>{};
    return carried_in(active_);
}

outcome<std::vector<hold_journal::unsettled_mail>> hold_journal::carried_in(size_t segment) const {
    auto mails = mails_of({segment});
    if (mails) {
        std::erase_if(*mails, [this](const unsettled_mail& each) { return !is_carried(each.id); });
    }
    return mails;
}

void hold_journal::written_back(const mail_id& id) {
    if (checkpoint_runs()) return;  // it may have begun before the mail was written
    carried_.erase(id.value);
    old_bytes_ = 0;  // there is something to make durable
}

outcome<std::vector<hold_journal::unsettled_mail>> hold_journal::mails_of(
    std::vector<size_t> segments) const {
    std::sort(segments.begin(), segments.end(), [this](size_t left, size_t right) {
        return segments_[left]->number() < segments_[right]->number();
    });
    std::map<std::string, std::vector<entry_place>> files;
    for (const size_t segment : segments) {
        auto found = segments_[segment]->scan();
        if (!found) return found.failure();
        for (auto& each : *found) {
            auto& of = files[each.id.value];
            if (each.is_forgotten) {
                of.clear();
                continue;
            }
            each.place.segment = segment;
            of.insert(of.begin(), each.place);
        }
    }
    std::vector<unsettled_mail> mails;
    for (auto& [id, places] : files) {
        if (!places.empty()) mails.push_back({mail_id{id}, std::move(places)});
    }
    return mails;
}

std::string hold_journal::unreadable() const {
    std::string all;
    for (const auto& each : segments_) {
        if (each->unreadable().empty()) continue;
        all += (all.empty() ? "" : "; ") + each->unreadable();
    }
    return all;
}

outcome<mail_bytes> hold_journal::read(const entry_place& at) const {
    return segments_.at(at.segment)->read(at);
}

}  // namespace ie
