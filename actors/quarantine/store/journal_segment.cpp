#include "actors/quarantine/store/journal_segment.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "actors/journal/journal_scan.hpp"
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

// Entries as they stand in the file (journal_scan.hpp): those of one filling, the first's. Where
// the disk can't give the first one, of any.
class entry_layout {
  public:
    explicit entry_layout(const segment_file& file) : file_(file), file_bytes_(file.size()) {}

    std::optional<journal_segment::found_entry> take(std::string_view window, uint64_t offset,
                                                     int& error) {
        entry_header header;
        if (window.size() < sizeof header) return std::nullopt;
        std::memcpy(&header, window.data(), sizeof header);
        const uint64_t begin = offset + sizeof header;
        const uint64_t left = file_bytes_ - begin;
        const bool is_one = header.magic == magic && header.head_bytes <= left &&
                            header.mail_bytes <= left - header.head_bytes &&
                            (!key_ || (header.key == *key_ && header.number == number_));
        if (!is_one) return std::nullopt;
        std::string head(header.head_bytes, '\0');
        error = file_.read(head.data(), head.size(), begin);
        if (header.digest != digest_of(header, head)) return std::nullopt;
        if (offset == 0) {
            key_ = header.key;
            number_ = header.number;
        }
        const uint64_t end = begin + header.head_bytes + header.mail_bytes;
        size_ = end + padding_after(end) - offset;
        return journal_segment::found_entry{
            mail_id{header.id.data()},
            {0, begin, header.head_bytes, header.mail_bytes, header.kind == whole_file},
            header.kind == forgotten,
            header.key,
            header.number};
    }
    uint64_t size_of(const journal_segment::found_entry&) const { return size_; }
    static size_t record_bytes_max() { return sizeof(entry_header); }
    static size_t window_bytes() { return 4'096; }
    static size_t alignment() { return static_cast<size_t>(ie::alignment); }

  private:
    const segment_file& file_;
    uint64_t file_bytes_;
    std::optional<uint64_t> key_;
    uint64_t number_ = 0;
    uint64_t size_ = 0;
};

}  // namespace

outcome<journal_segment> journal_segment::open(const std::string& path, fault_point fault) {
    auto file = segment_file::open(path, std::move(fault));
    if (!file) return file.failure();
    journal_segment opened;
    opened.file_ = std::move(*file);
    opened.reserved_ = opened.file_.size();
    int error = 0;
    const auto found = opened.scan(error);
    if (!found) return found.failure();
    if (error != 0) opened.unreadable_ = opened.failed("can't read all of", error).what;
    opened.number_ = opened.number_in_first_header().value_or(0);
    if (found->empty()) return opened;
    const found_entry& last = found->back();
    opened.key_ = last.key;
    opened.number_ = last.number;
    const uint64_t end = last.place.offset + last.place.size_bytes();
    opened.file_.set_end(end + padding_after(end));
    for (const auto& each : *found) opened.mails_.insert(each.id.value);
    return opened;
}

int journal_segment::append(const std::vector<journal_entry>& entries, uint64_t number_if_first) {
    if (is_empty()) begin_filling(number_if_first);
    static constexpr std::array<char, alignment> zeros{};
    std::vector<entry_header> headers;
    headers.reserve(entries.size());
    std::vector<iovec> parts;
    uint64_t end = file_.end();
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
    const uint64_t before = file_.end();
    int code = file_.append(std::move(parts), "append");
    if (code == 0) code = file_.sync();
    if (code != 0) {
        file_.set_end(before);  // the next one writes over it, anew
        return code;
    }
    for (const auto& each : entries) mails_.insert(each.id.value);
    return 0;
}

void journal_segment::append_forgotten(const mail_id& id, uint64_t number_if_first) {
    if (is_empty()) begin_filling(number_if_first);
    entry_header header{magic, key_, number_, 0, 0, forgotten};
    sealed(header, id, {});
    static constexpr std::array<char, alignment - sizeof(entry_header)> zeros{};
    (void)file_.append({part_of(bytes_of(header)), part_of({zeros.data(), zeros.size()})},
                       "forget");
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
    if (write_all_at(file_.handle().get(), {part_of(zeros)}, up_to)) {
        reserved_ = up_to + step;
    } else {
        (void)cut();
    }
}

bool journal_segment::cut() {
    reserves_from_ms_ = steady_now_ms() + tight_ms;
    const uint64_t used = std::max(end(), alignment);  // a freed one's number is in its first bytes
    if (file_.size() <= used || ::ftruncate(file_.handle().get(), static_cast<off_t>(used)) != 0) {
        return false;
    }
    reserved_ = used;
    return true;
}

outcome<std::vector<journal_segment::found_entry>> journal_segment::scan() const {
    int error = 0;
    return scan(error);
}

// `error`: an errno, where the disk couldn't give all of it. What an earlier filling has left is
// among what is found behind such a part; the last filling has the highest number.
outcome<std::vector<journal_segment::found_entry>> journal_segment::scan(int& error) const {
    std::array<char, 8> first{};
    const bool is_there = file_.size() >= sizeof(entry_header);
    if (is_there && file_.read(first.data(), first.size(), 0) == 0 &&
        is_of_another_version(first)) {
        return fail(error_code::conflict,
                    path() +
                        ": another version of the engine wrote it; install that, let it start once "
                        "and end");
    }
    std::vector<found_entry> found;
    entry_layout layout(file_);
    const auto scanned = scan_journal(file_, file_.size(), layout, behind_damage::ends,
                                      [&](const found_entry& each) { found.push_back(each); });
    error = scanned.error;
    const auto older = [](const auto& left, const auto& right) {
        return left.number < right.number;
    };
    const auto newest = std::max_element(found.begin(), found.end(), older);
    if (newest == found.end()) return found;
    std::erase_if(found,
                  [number = newest->number](const auto& each) { return each.number != number; });
    return found;
}

outcome<mail_bytes> journal_segment::read(const entry_place& place) const {
    std::string bytes(place.size_bytes(), '\0');
    if (read_all_at(file_.handle().get(), bytes.data(), bytes.size(), place.offset)) {
        return mail_bytes(std::move(bytes));
    }
    return failed("can't read", errno);
}

// Synced: entries that came back in a power cut would be taken for what is newest.
int journal_segment::free_file(bool gives_room) const {
    const int fd = file_.handle().get();
    const bool cuts = gives_room || file_.size() > kept_bytes_max;
    if (cuts && ::ftruncate(fd, 0) != 0) return errno;
    entry_header none;
    none.number = number_;
    if (!write_all_at(fd, {part_of(bytes_of(none))}, 0) || file_.fault().fails("free", path()) ||
        ::fdatasync(fd) != 0) {
        return errno;
    }
    return 0;
}

void journal_segment::freed() {
    file_.set_end(0);
    reserved_ = file_.size();
    mails_.clear();
}

// Also a freed segment's, or of one whose first entry isn't whole.
std::optional<uint64_t> journal_segment::number_in_first_header() const {
    entry_header first;
    if (file_.size() < sizeof first ||
        file_.read(reinterpret_cast<char*>(&first), sizeof first, 0) != 0) {
        return std::nullopt;
    }
    const bool is_ours = first.magic == magic || first.magic == no_magic;
    if (!is_ours || first.number > number_max) return std::nullopt;
    return first.number;
}

}  // namespace ie
