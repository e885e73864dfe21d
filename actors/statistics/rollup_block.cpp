#include "actors/statistics/rollup_block.hpp"

#include <algorithm>
#include <limits>

namespace ie {
namespace {

constexpr uint8_t first_format = 1;
constexpr uint8_t second_format = 2;
constexpr size_t first_counters = 8;  // that a row of the first format can have
constexpr uint32_t object_max = std::numeric_limits<uint32_t>::max();
constexpr size_t messages_at = static_cast<size_t>(counter::messages);
constexpr size_t recipients_at = static_cast<size_t>(counter::recipients);
static_assert(counters >= first_counters && counters <= 63, "the mask is one number");
constexpr uint64_t known_counters = (uint64_t{1} << counters) - 1;

void append_number(std::string& out, uint64_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
    out += static_cast<char>(number);
}

// The first where it is enough.
uint8_t format_of(const block_rows& rows) {
    for (const block_row& row : rows) {
        for (size_t i = first_counters; i < counters; ++i) {
            if (row.counts.values[i] != 0) return second_format;
        }
    }
    return first_format;
}

void append_row(std::string& out, uint8_t format, uint32_t distance, leaf_counts counts) {
    // (Wraps where there are fewer recipients than messages, and wraps back when it is read.)
    counts.values[recipients_at] -= counts.values[messages_at];
    uint64_t mask = 0;
    for (size_t i = 0; i < counters; ++i) {
        if (counts.values[i] != 0) mask |= uint64_t{1} << i;
    }
    append_number(out, distance);
    if (format == first_format) {
        out += static_cast<char>(mask);
    } else {
        append_number(out, mask);
    }
    for (const uint64_t value : counts.values) {
        if (value != 0) append_number(out, value);
    }
}

}  // namespace

std::string encode_block(const block_rows& rows) {
    std::string out;
    out.reserve(1 + rows.size() * 6);
    const uint8_t format = format_of(rows);
    out += static_cast<char>(format);
    uint32_t last = 0;
    for (const block_row& row : rows) {
        if (row.counts.none()) continue;
        append_row(out, format, row.object - last, row.counts);
        last = row.object;
    }
    return out;
}

outcome<block_rows> decode_block(std::string_view bytes) {
    block_rows rows;
    block_reader reader(bytes);
    while (reader.next()) rows.push_back(reader.row());
    if (!reader.damaged()) return rows;
    return fail(error_code::storage_failed,
                "a block of counts is damaged at byte " + std::to_string(reader.offset()));
}

void add_rows(block_rows& rows, const block_rows& other) {
    if (other.empty()) return;
    if (rows.empty() || rows.back().object < other.front().object) {
        rows.insert(rows.end(), other.begin(), other.end());
        return;
    }
    block_rows sum;
    sum.reserve(std::max(rows.size(), other.size()));
    auto left = rows.cbegin();
    for (const block_row& right : other) {
        while (left != rows.cend() && left->object < right.object) sum.push_back(*left++);
        sum.push_back(right);
        if (left != rows.cend() && left->object == right.object) {
            sum.back().counts += left++->counts;
        }
    }
    sum.insert(sum.end(), left, rows.cend());
    rows.swap(sum);
}

void sort_rows(block_rows& rows) {
    std::sort(rows.begin(), rows.end(),
              [](const block_row& a, const block_row& b) { return a.object < b.object; });
    size_t kept = 0;
    for (const block_row& row : rows) {
        if (kept > 0 && rows[kept - 1].object == row.object) {
            rows[kept - 1].counts += row.counts;
        } else {
            rows[kept++] = row;
        }
    }
    rows.resize(kept);
}

block_reader::block_reader(std::string_view bytes)
    : begin_(reinterpret_cast<const uint8_t*>(bytes.data())),
      at_(begin_),
      end_(begin_ + bytes.size()) {
    if (bytes.empty() || (*at_ != first_format && *at_ != second_format)) {
        fail_here();
    } else {
        format_ = *at_++;
    }
}

bool block_reader::next() {
    return format_ == second_format ? next_of_second() : next_of_first();
}

bool block_reader::next_of_first() {
    if (at_ == end_) return false;
    if (!read_object()) return false;
    if (at_ == end_) return fail_here();
    return read_counts(*at_++);
}

// It is written only where the first isn't enough.
bool block_reader::next_of_second() {
    uint64_t mask = 0;
    do {
        if (at_ == end_) return has_later_ ? false : fail_here();
        if (!read_object() || !read_number(mask)) return false;
        has_later_ = has_later_ || mask >> first_counters != 0;
        if (!read_counts(mask)) return false;
    } while ((mask & known_counters) == 0);
    return true;
}

bool block_reader::read_object() {
    uint64_t distance = 0;
    if (!read_number(distance)) return false;
    if (distance == 0 || distance > object_max - row_.object) return fail_here();
    row_.object += static_cast<uint32_t>(distance);
    return true;
}

template <class Mask>
bool block_reader::read_counts(Mask mask) {
    if (mask == 0) return fail_here();
    row_.counts = {};
    uint64_t passed_over = 0;
    for (size_t i = 0; mask != 0; ++i, mask = static_cast<Mask>(mask >> 1)) {
        if ((mask & 1) == 0) continue;
        const bool known = sizeof mask == 1 || i < counters;
        uint64_t& count = known ? row_.counts.values[i] : passed_over;
        if (!read_number(count)) return false;
        if (count == 0) return fail_here();
    }
    row_.counts.values[recipients_at] += row_.counts.values[messages_at];
    return true;
}

// A byte more than is needed, and bits beyond the 64th, are damage.
bool block_reader::read_number(uint64_t& number) {
    if (at_ != end_ && *at_ < 0x80) {
        number = *at_++;
        return true;
    }
    number = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
        const uint64_t bits = *at_ & 0x7FU;
        const bool last = *at_ < 0x80;
        if ((shift == 63 && bits > 1) || (last && bits == 0)) return fail_here();
        number |= bits << shift;
        ++at_;
        if (last) return true;
    }
    return fail_here();
}

bool block_reader::fail_here() {
    damaged_ = true;
    end_ = at_;
    return false;
}

}  // namespace ie
