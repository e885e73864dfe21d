#include "actors/quarantine/store/journal_segment.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "actors/quarantine/store/file_io.hpp"
#include "actors/sha256.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::array<char, 8> magic{'i', 'e', '-', 'h', 'o', 'l', 'd', '1'};
constexpr std::array<char, 8> no_magic{};
constexpr uint64_t alignment = 512;  // bytes; a disk writes that much wholly or not at all
constexpr uint64_t kept_bytes_max = 64 << 20;       // of a freed segment
constexpr uint64_t number_max = uint64_t{1} << 62;  // beyond it is damage
constexpr int64_t tight_ms = 60'000;                // how long nothing is reserved

bool is_of_another_version(const std::array<char, 8>& found) {
    return found != magic && std::equal(magic.begin(), magic.end() - 1, found.begin());
}

// As this machine has it in memory: no other reads it. A freed segment's first one has a number
// only.
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

bool read_header(int fd, entry_header& header, uint64_t offset) {
    return read_all_at(fd, reinterpret_cast<char*>(&header), sizeof header, offset);
}

}  // namespace

outcome<journal_segment> journal_segment::open(const std::string& path, fault_point fault) {
    journal_segment opened;
    opened.path_ = path;
    opened.fault_ = std::move(fault);
    opened.file_ = file_handle(path, O_RDWR | O_CREAT);
    if (!opened.file_) return opened.failed("can't open", errno);
    opened.reserved_ = opened.file_bytes();
    const auto found = opened.scan();
    if (!found) return found.failure();
    opened.number_ = opened.number_in_first_header().value_or(0);
    if (found->empty()) return opened;
    entry_header first;
    if (!read_header(opened.file_.get(), first, 0)) return opened.failed("can't read", errno);
    opened.key_ = first.key;
    const entry_place& last = found->back().place;
    const uint64_t end = last.offset + last.size_bytes();
    opened.end_ = end + padding_after(end);
    for (const auto& each : *found) opened.mails_.insert(each.id.value);
    return opened;
}

int journal_segment::append(const std::vector<journal_entry>& entries, uint64_t number_if_first) {
    if (is_empty()) begin_filling(number_if_first);
    static constexpr std::array<char, alignment> zeros{};
    std::vector<entry_header> headers;
    headers.reserve(entries.size());
    std::vector<iovec> parts;
    uint64_t end = end_;
    for (const auto& each : entries) {
        const std::string_view mail = each.has_mail ? each.mail : std::string_view{};
        headers.push_back({magic, key_, number_, mail.size(),
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
    reserve(end);
    if (fault_.fails("append", path_) || !write_all_at(file_.get(), std::move(parts), end_) ||
        fault_.fails("fsync", path_) || ::fdatasync(file_.get()) != 0) {
        return errno;
    }
    end_ = end;
    for (const auto& each : entries) mails_.insert(each.id.value);
    return 0;
}

void journal_segment::append_forgotten(const mail_id& id, uint64_t number_if_first) {
    if (is_empty()) begin_filling(number_if_first);
    entry_header header{magic, key_, number_, 0, 0, forgotten};
    sealed(header, id, {});
    if (write_all_at(file_.get(), {part_of(bytes_of(header))}, end_)) end_ += alignment;
}

void journal_segment::begin_filling(uint64_t number) {
    key_ = unguessable();
    number_ = number;
}

// An fsync is far shorter where the file doesn't grow: ahead of the entries there are zeros. Where
// the disk has no room for these, it goes on without; those that fitted would leave none for mails.
void journal_segment::reserve(uint64_t up_to) {
    constexpr uint64_t step = 4 << 20;
    if (up_to <= reserved_ || steady_now_ms() < reserves_from_ms_) return;
    static const std::string zeros(step, '\0');
    if (write_all_at(file_.get(), {part_of(zeros)}, up_to)) {
        reserved_ = up_to + step;
    } else {
        (void)cut();
    }
}

bool journal_segment::cut() {
    reserves_from_ms_ = steady_now_ms() + tight_ms;
    const uint64_t used = std::max(end_, alignment);  // a freed one's number is in its first bytes
    if (file_bytes() <= used || ::ftruncate(file_.get(), static_cast<off_t>(used)) != 0) {
        return false;
    }
    reserved_ = used;
    return true;
}

outcome<std::vector<journal_segment::found_entry>> journal_segment::scan() const {
    struct stat about {};
    if (::fstat(file_.get(), &about) != 0) return failed("can't look at", errno);
    const auto size = static_cast<uint64_t>(about.st_size);
    std::vector<found_entry> found;
    uint64_t offset = 0;
    entry_header first;
    while (offset + sizeof(entry_header) <= size) {
        entry_header header;
        if (!read_header(file_.get(), header, offset)) return failed("can't read", errno);
        if (found.empty()) first = header;
        if (offset == 0 && is_of_another_version(header.magic)) {
            return fail(error_code::conflict, path_ +
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
        if (!read_all_at(file_.get(), head.data(), head.size(), begin)) {
            return failed("can't read", errno);
        }
        if (header.digest != digest_of(header, head)) break;
        found.push_back(
            {mail_id{header.id.data()},
             {0, begin, header.head_bytes, header.mail_bytes, header.kind == whole_file},
             header.kind == forgotten});
        const uint64_t end = begin + header.head_bytes + header.mail_bytes;
        offset = end + padding_after(end);
    }
    return found;
}

outcome<mail_bytes> journal_segment::read(const entry_place& place) const {
    std::string bytes(place.size_bytes(), '\0');
    if (read_all_at(file_.get(), bytes.data(), bytes.size(), place.offset)) {
        return mail_bytes(std::move(bytes));
    }
    return failed("can't read", errno);
}

// Synced: entries that came back in a power cut would be taken for what is newest.
int journal_segment::free_file(bool gives_room) const {
    const bool cuts = gives_room || file_bytes() > kept_bytes_max;
    if (cuts && ::ftruncate(file_.get(), 0) != 0) return errno;
    entry_header none;
    none.number = number_;
    if (!write_all_at(file_.get(), {part_of(bytes_of(none))}, 0) || fault_.fails("free", path_) ||
        ::fdatasync(file_.get()) != 0) {
        return errno;
    }
    return 0;
}

void journal_segment::freed() {
    end_ = 0;
    reserved_ = file_bytes();
    mails_.clear();
}

// Also a freed segment's, or of one whose first entry isn't whole.
std::optional<uint64_t> journal_segment::number_in_first_header() const {
    entry_header first;
    if (file_bytes() < sizeof first || !read_header(file_.get(), first, 0)) return std::nullopt;
    const bool is_ours = first.magic == magic || first.magic == no_magic;
    if (!is_ours || first.number > number_max) return std::nullopt;
    return first.number;
}

uint64_t journal_segment::file_bytes() const {
    struct stat about {};
    return ::fstat(file_.get(), &about) == 0 ? static_cast<uint64_t>(about.st_size) : 0;
}

error journal_segment::failed(const std::string& what, int code) const {
    return fail(error_code::storage_failed, what + " " + path_ + ": " + errno_text(code));
}

}  // namespace ie
