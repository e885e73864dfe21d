#include "actors/quarantine/store/hold_journal.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>

#include "actors/quarantine/store/file_io.hpp"
#include "actors/sha256.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::array<char, 8> magic{'i', 'e', '-', 'h', 'o', 'l', 'd', '1'};
constexpr uint64_t alignment = 512;  // bytes; a disk writes that much wholly or not at all
constexpr uint64_t kept_bytes_max = 2 * hold_journal::segment_bytes_max;  // of a freed segment

bool is_of_another_version(const std::array<char, 8>& found) {
    return found != magic && std::equal(magic.begin(), magic.end() - 1, found.begin());
}

// As this machine has it in memory: no other reads it.
struct entry_header {
    std::array<char, 8> magic{};
    uint64_t key = 0;
    uint64_t number = 0;
    uint64_t mail_bytes = 0;
    uint32_t head_bytes = 0;
    uint32_t kind = 0;
    std::array<char, 40> id{};               // a UUID, zeros
    std::array<unsigned char, 32> digest{};  // of all before it, and of the head
};
static_assert(sizeof(entry_header) == 112 && std::is_trivially_copyable_v<entry_header>);

enum entry_kind : uint32_t { whole_file, head_of_file, forgotten };

std::string_view bytes_of(const entry_header& header) {
    return {reinterpret_cast<const char*>(&header), sizeof header};
}

std::array<unsigned char, 32> digest_of(const entry_header& header, std::string_view head) {
    std::string all(bytes_of(header).substr(0, offsetof(entry_header, digest)));
    return sha256(all.append(head));
}

const entry_header& sealed(entry_header& header, const mail_id& id, std::string_view head) {
    id.value.copy(header.id.data(), header.id.size() - 1);
    header.digest = digest_of(header, head);
    return header;
}

uint64_t padding_after(uint64_t bytes) {
    return (alignment - bytes % alignment) % alignment;
}

uint64_t unguessable() {
    uint64_t value = 0;
    while (::getrandom(&value, sizeof value, 0) != sizeof value) {
    }
    return value;
}

int sync_all(const std::vector<int>& folders) {
    for (const int folder : folders) {
        if (::syncfs(folder) != 0) return errno;
    }
    return 0;
}

std::vector<int> descriptors(const std::vector<file_handle>& files) {
    std::vector<int> all;
    for (const auto& each : files) all.push_back(each.get());
    return all;
}

}  // namespace

struct hold_journal::scanned {
    mail_id id;
    place file;
    uint64_t number = 0;
    bool is_forgotten = false;
};

outcome<hold_journal> hold_journal::open(const std::string& path,
                                         const std::vector<std::string>& synced,
                                         fault_point fault) {
    const auto failed = [](const std::string& what) {
        return fail(error_code::storage_failed, "can't open " + what + ": " + errno_text(errno));
    };
    std::array<segment, 2> segments;
    for (size_t i = 0; i < segments.size(); ++i) {
        segments[i].path = path + "." + std::to_string(i);
        segments[i].file = file_handle(segments[i].path, O_RDWR | O_CREAT);
        struct stat about {};
        if (!segments[i].file || ::fstat(segments[i].file.get(), &about) != 0) {
            return failed(segments[i].path);
        }
        segments[i].reserved = static_cast<uint64_t>(about.st_size);
    }
    const std::string around = std::filesystem::path(path).parent_path();
    const file_handle folder(around, O_RDONLY | O_DIRECTORY);
    if (!folder || ::fsync(folder.get()) != 0) return failed(around);
    std::vector<file_handle> folders;
    for (const auto& each : synced) {
        if (!folders.emplace_back(each, O_RDONLY | O_DIRECTORY)) return failed(each);
    }
    hold_journal journal(std::move(segments), std::move(folders), std::move(fault));
    for (auto& each : journal.segments_) {
        const auto found = journal.scan(each);
        if (!found) return found.failure();
        if (!found->empty()) each.number = found->front().number;
        journal.settled_ = journal.settled_ && found->empty();
    }
    return journal;
}

outcome<nothing> hold_journal::append(const std::vector<journal_entry>& entries) {
    if (!settled_) {
        return fail(error_code::storage_failed,
                    active().path + ": what was held before isn't safely stored yet");
    }
    if (is_full()) {
        if (const auto turned = turn_over(); !turned) return turned;
    }
    int code = write(entries);
    if (code == ENOSPC) {
        if (const auto given = give_back(); !given) return given;
        code = write(entries);
    }
    if (code == 0) return nothing{};
    return failed("can't append to", active(), code);
}

bool hold_journal::is_full() const {
    const segment& filled = segments_[active_];
    return filled.end >= segment_bytes_max || filled.mails.size() >= segment_mails_max ||
           filled.covered_bytes >= covered_bytes_max;
}

// Returns an errno.
int hold_journal::write(const std::vector<journal_entry>& entries) {
    if (active().end == 0) begin_filling();
    segment& into = active();
    std::vector<entry_header> headers;
    headers.reserve(entries.size());
    static constexpr std::array<char, alignment> zeros{};
    std::vector<iovec> parts;
    uint64_t end = into.end;
    for (const auto& each : entries) {
        const std::string_view mail = each.has_mail ? each.mail : std::string_view{};
        headers.push_back({magic, into.key, into.number, mail.size(),
                           static_cast<uint32_t>(each.head.size()),
                           each.has_mail ? whole_file : head_of_file});
        const entry_header& header = sealed(headers.back(), each.id, each.head);
        const uint64_t size = sizeof header + each.head.size() + mail.size();
        for (const auto& part : {bytes_of(header), each.head, mail,
                                 std::string_view(zeros.data(), padding_after(size))}) {
            parts.push_back(part_of(part));
        }
        end += size + padding_after(size);
    }
    into.reserve(end);
    if (faulty("append") || !write_all_at(into.file.get(), std::move(parts), into.end) ||
        faulty("fsync") || ::fdatasync(into.file.get()) != 0) {
        return errno;
    }
    into.end = end;
    for (const auto& each : entries) {
        into.mails.insert(each.id.value);
        into.covered_bytes += each.mail.size();
    }
    return 0;
}

// Not synced: an engine that is killed leaves it to the kernel, and after a power cut the row tells
// the same, unless it is lost as well.
void hold_journal::forget(const mail_id& id) {
    const bool is_active = active().mails.contains(id.value);
    if (!is_active && !other().mails.contains(id.value)) return;
    if (active().end == 0) begin_filling();
    segment& into = active();
    entry_header header{magic, into.key, into.number, 0, 0, forgotten};
    sealed(header, id, {});
    if (write_all_at(into.file.get(), {part_of(bytes_of(header))}, into.end)) into.end += alignment;
    for (auto& each : segments_) each.mails.erase(id.value);
}

outcome<nothing> hold_journal::tend(int64_t steady_ms) {
    if (checkpoint_runs() &&
        checkpoint_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
        if (const auto ended = end_checkpoint(); !ended) return ended;
    }
    const bool is_due = active().end > 0 && steady_ms - active().begun_at_ms >= age_ms_max;
    if (!settled_ || checkpoint_runs() || !is_due) return nothing{};
    return turn_over();
}

// An fsync is far shorter where the file doesn't grow: ahead of the entries there are zeros. Where
// the disk has no room for these, it goes on without; those that fitted would leave none for mails.
void hold_journal::segment::reserve(uint64_t up_to) {
    constexpr uint64_t step = 4 << 20;
    if (up_to <= reserved) return;
    static const std::string zeros(step, '\0');
    if (write_all_at(file.get(), {part_of(zeros)}, up_to)) {
        reserved = up_to + step;
    } else if (::ftruncate(file.get(), static_cast<off_t>(end)) == 0) {
        reserved = no_more;
    }
}

void hold_journal::begin_filling() {
    segment& into = active();
    into.key = unguessable();
    into.number = std::max(into.number, other().number) + 1;
    into.begun_at_ms = steady_now_ms();
}

// Fills the other segment from now on.
outcome<nothing> hold_journal::turn_over() {
    if (checkpoint_runs()) {
        if (const auto ended = end_checkpoint(); !ended) return ended;
    }
    active_ = 1 - active_;
    const int fault = faulty("checkpoint") ? errno : 0;
    checkpoint_ = std::async(std::launch::async, [fault, folders = descriptors(synced_)] {
        return fault != 0 ? fault : sync_all(folders);
    });
    return nothing{};
}

// Waits for it.
outcome<nothing> hold_journal::end_checkpoint() {
    if (const int code = checkpoint_.get(); code != 0) {
        settled_ = false;
        return failed("can't sync what is in", other(), code);
    }
    free(other());
    return nothing{};
}

// A disk that is full gets all that the journal has.
outcome<nothing> hold_journal::give_back() {
    if (const auto settled = settle(); !settled) return settled;
    for (auto& each : segments_) {
        if (::ftruncate(each.file.get(), 0) != 0) return failed("can't cut", each, errno);
        each.reserved = no_more;
    }
    return nothing{};
}

outcome<nothing> hold_journal::settle() {
    if (checkpoint_runs()) (void)checkpoint_.get();
    settled_ = false;
    const int code = faulty("checkpoint") ? errno : sync_all(descriptors(synced_));
    if (code != 0) return failed("can't sync what is in", active(), code);
    for (auto& each : segments_) free(each);
    settled_ = true;
    return nothing{};
}

// Should its first entry outlast this, rows tell that it has been dealt with.
void hold_journal::free(segment& freed) {
    struct stat about {};
    if (::fstat(freed.file.get(), &about) == 0 &&
        static_cast<uint64_t>(about.st_size) > kept_bytes_max) {
        if (::ftruncate(freed.file.get(), 0) == 0) freed.reserved = 0;
    }
    const entry_header none;
    if (about.st_size > 0) (void)write_all_at(freed.file.get(), {part_of(bytes_of(none))}, 0);
    freed.end = 0;
    freed.covered_bytes = 0;
    freed.mails.clear();
}

outcome<std::vector<hold_journal::scanned>> hold_journal::scan(const segment& of) const {
    struct stat about {};
    if (::fstat(of.file.get(), &about) != 0) return failed("can't look at", of, errno);
    const auto size = static_cast<uint64_t>(about.st_size);
    std::vector<scanned> found;
    uint64_t offset = 0;
    entry_header first;
    while (offset + sizeof(entry_header) <= size) {
        entry_header header;
        if (!read_all_at(of.file.get(), reinterpret_cast<char*>(&header), sizeof header, offset)) {
            return failed("can't read", of, errno);
        }
        if (found.empty()) first = header;
        if (offset == 0 && is_of_another_version(header.magic)) {
            return fail(error_code::conflict, of.path +
                                                  ": another version of the engine wrote it; "
                                                  "install that, let it start once and end");
        }
        const uint64_t left = size - offset - sizeof header;
        if (header.magic != magic || header.key != first.key || header.number != first.number ||
            header.head_bytes > left || header.mail_bytes > left - header.head_bytes) {
            break;
        }
        std::string head(header.head_bytes, '\0');
        const uint64_t begin = offset + sizeof header;
        if (!read_all_at(of.file.get(), head.data(), head.size(), begin)) {
            return failed("can't read", of, errno);
        }
        if (header.digest != digest_of(header, head)) break;
        const uint64_t bytes = header.head_bytes + header.mail_bytes;
        found.push_back(
            {mail_id{header.id.data()},
             {static_cast<size_t>(&of - segments_.data()), begin, bytes, header.kind == whole_file},
             header.number,
             header.kind == forgotten});
        offset = begin + bytes + padding_after(sizeof header + bytes);
    }
    return found;
}

outcome<std::vector<hold_journal::unsettled_mail>> hold_journal::unsettled() const {
    auto all = scan(segments_[0]);
    auto more = scan(segments_[1]);
    if (!all || !more) return all ? more.failure() : all.failure();
    all->insert(all->end(), more->begin(), more->end());
    std::stable_sort(all->begin(), all->end(), [](const scanned& left, const scanned& right) {
        return left.number < right.number;
    });
    std::map<std::string, std::vector<place>> files;
    for (const auto& each : *all) {
        auto& of = files[each.id.value];
        if (each.is_forgotten) {
            of.clear();
        } else {
            of.insert(of.begin(), each.file);
        }
    }
    std::vector<unsettled_mail> mails;
    for (auto& [id, places] : files) {
        if (!places.empty()) mails.push_back({mail_id{id}, std::move(places)});
    }
    return mails;
}

outcome<mail_bytes> hold_journal::read(const place& at) const {
    const segment& of = segments_.at(at.segment);
    std::string bytes(at.size_bytes, '\0');
    if (read_all_at(of.file.get(), bytes.data(), bytes.size(), at.offset)) {
        return mail_bytes(std::move(bytes));
    }
    return failed("can't read", of, errno);
}

bool hold_journal::faulty(std::string_view step) const {
    const int code = fault_ ? fault_(step) : 0;
    if (code != 0) errno = code;
    return code != 0;
}

error hold_journal::failed(const std::string& what, const segment& of, int code) const {
    return fail(error_code::storage_failed, what + " " + of.path + ": " + errno_text(code));
}

}  // namespace ie
