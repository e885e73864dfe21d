#include "actors/quarantine/search/text_column.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <future>

#include "actors/quarantine/store/file_io.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// Of one read: what is searched is then in the processor's second cache.
constexpr size_t block_bytes = size_t{128} << 10;
constexpr size_t tail_bytes_max = size_t{64} << 10;

// Ends each part. The texts and patterns are in lower case, so neither can contain it.
constexpr char part_end = 'A';

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// On file systems without O_TMPFILE a kill between the two calls leaves an empty file.
int open_unnamed(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    std::string path = folder + "/.list-XXXXXX";
    const int named = ::mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) ::unlink(path.c_str());
    return named;
}

}  // namespace

// Bytes of the column that stand in memory.
class text_column::block {
  public:
    outcome<nothing> read(const text_column& column, byte_range where) {
        where_ = {where.begin, std::min(where.end, where.begin + block_bytes)};
        const auto done = column.read(where_.begin, static_cast<size_t>(where_.end - where_.begin),
                                      bytes_.data());
        if (!done) where_ = {};
        return done;
    }
    bool find(std::string_view pattern) { return places_.find(from(where_.begin), pattern); }
    const match_places& places() const { return places_; }
    bool has(uint64_t offset) const { return offset >= where_.begin && offset < where_.end; }
    uint64_t end() const { return where_.end; }
    std::string_view from(uint64_t offset) const {
        return {bytes_.data() + (offset - where_.begin), static_cast<size_t>(where_.end - offset)};
    }

  private:
    byte_range where_;
    std::vector<char> bytes_ = std::vector<char>(block_bytes);
    match_places places_{block_bytes};
};

outcome<text_column> text_column::open(const std::string& folder) {
    text_column column(folder, file_handle(open_unnamed(folder)));
    if (!column.file_) return column.failed("can't make");
    return column;
}

error text_column::failed(const char* what) const {
    return fail(error_code::storage_failed,
                std::string(what) + " a temporary file in " + folder_ + ": " + errno_text(errno));
}

outcome<nothing> text_column::make_room() {
    if (tail_.size() < tail_bytes_max) return nothing{};
    if (!write_all_at(file_.get(), {part_of(tail_)}, written_bytes_))
        return failed("can't write to");
    written_bytes_ += tail_.size();
    tail_.clear();
    if (tail_.capacity() > 2 * tail_bytes_max) tail_.shrink_to_fit();
    return nothing{};
}

void text_column::add_part(std::string_view part) {
    const size_t before = tail_.size();
    tail_ += part;
    std::transform(tail_.begin() + static_cast<ptrdiff_t>(before), tail_.end(),
                   tail_.begin() + static_cast<ptrdiff_t>(before), lower);
    tail_ += part_end;
    open_bytes_ += static_cast<uint32_t>(part.size() + 1);
}

void text_column::end_text() {
    if (lengths_.size() % row_set::word_rows == 0) group_starts_.push_back(bytes() - open_bytes_);
    lengths_.push_back(std::exchange(open_bytes_, 0));
}

uint64_t text_column::start_of_group(size_t group) const {
    return group < group_starts_.size() ? group_starts_[group] : bytes();
}

outcome<nothing> text_column::read(uint64_t from, size_t size, char* to) const {
    const size_t in_file =
        from < written_bytes_ ? std::min(size, static_cast<size_t>(written_bytes_ - from)) : 0;
    if (!read_all_at(file_.get(), to, in_file, from)) return failed("can't read");
    const size_t in_tail = size - in_file;
    if (in_tail > 0) {
        std::memcpy(to + in_file, tail_.data() + (from + in_file - written_bytes_), in_tail);
    }
    return nothing{};
}

outcome<nothing> text_column::keep_containing(std::string_view pattern, row_set& texts) const {
    const std::string lowered = to_lower(pattern);
    row_set found(texts.size(), false);
    const size_t groups = texts.words().size();
    const size_t middle = bytes() < shared_bytes_min ? groups : groups / 2;
    // Each half marks words of its own. Where no thread is to be had this one does both.
    const auto by =
        middle < groups ? std::launch::async | std::launch::deferred : std::launch::deferred;
    auto second = std::async(by, [&] {
        return mark_groups(lowered, {middle, groups}, texts, found);
    });
    const auto first = mark_groups(lowered, {0, middle}, texts, found);
    const auto rest = second.get();
    if (!first || !rest) return first ? rest : first;
    texts &= found;
    return nothing{};
}

// Of groups with a text that is wanted.
outcome<nothing> text_column::mark_groups(std::string_view pattern, group_range groups,
                                          const row_set& texts, row_set& found) const {
    block buffer;
    const auto& wanted = texts.words();
    for (size_t group = groups.begin; group < groups.end; ++group) {
        if (wanted[group] == 0) continue;
        const size_t first = group;
        while (group < groups.end && wanted[group] != 0) ++group;
        const auto marked =
            mark_matches(pattern, first * row_set::word_rows,
                         {start_of_group(first), start_of_group(group)}, buffer, found);
        if (!marked) return marked;
    }
    return nothing{};
}

outcome<nothing> text_column::mark_matches(std::string_view pattern, size_t first_text,
                                           byte_range where, block& buffer, row_set& found) const {
    text_place text{first_text, where.begin};
    while (where.end - where.begin >= pattern.size()) {
        if (const auto done = buffer.read(*this, where); !done) return done;
        const uint64_t places_end = buffer.end() - (pattern.size() - 1);
        if (buffer.find(pattern)) {
            text = mark_texts({where.begin, places_end}, text, buffer.places(), found);
        }
        if (buffer.end() == where.end) break;
        where.begin = places_end;
    }
    return nothing{};
}

// Marks the texts in which a match begins, of those that reach into the range; where to go on.
text_column::text_place text_column::mark_texts(byte_range where, text_place text,
                                                const match_places& places, row_set& found) const {
    uint64_t marks = 0;  // of 64 texts: to go on from them is faster than from memory
    for (bool more = true; more;) {
        const uint64_t end = text.begin + lengths_[text.number];
        const uint64_t from = std::max(text.begin, where.begin);
        const uint64_t to = std::max(from, std::min(end, where.end));
        const bool marked = places.any_within(static_cast<size_t>(from - where.begin),
                                              static_cast<size_t>(to - where.begin));
        marks |= uint64_t{marked} << text.number % row_set::word_rows;
        more = end < where.end;
        if (!more || text.number % row_set::word_rows == row_set::word_rows - 1) {
            found.words()[text.number / row_set::word_rows] |= std::exchange(marks, 0);
        }
        if (more) text = {text.number + 1, end};
    }
    return text;
}

outcome<text_column> text_column::copy_of(const row_set& texts) const {
    auto copy = open(folder_);
    if (!copy) return copy;
    block buffer;
    uint64_t at = 0;
    for (size_t text = 0; text < lengths_.size(); ++text) {
        const uint64_t end = at + lengths_[text];
        if (!texts.contains(text)) at = end;
        while (at < end) {
            if (!buffer.has(at)) {
                if (const auto done = buffer.read(*this, {at, bytes()}); !done) {
                    return done.failure();
                }
            }
            const auto piece = buffer.from(at).substr(0, static_cast<size_t>(end - at));
            copy->tail_ += piece;
            copy->open_bytes_ += static_cast<uint32_t>(piece.size());
            at += piece.size();
        }
        if (!texts.contains(text)) continue;
        copy->end_text();
        if (const auto done = copy->make_room(); !done) return done.failure();
    }
    return copy;
}

}  // namespace ie
