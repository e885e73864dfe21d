// A period's counts of all leaves, packed as one blob of statistics.db: a byte for the format, then
// for each leaf the distance to the number of the leaf before it, a mask that says which counters
// aren't zero, and those. Numbers are LEB128 varints; `recipients` is what it has beyond
// `messages`, since most mail has one of each. Most leaves take four bytes so. Each content has one
// encoding only, and reading trusts no byte. Pure.
// The mask is one byte in format 1 and a varint in format 2, which is written only where one of the
// ninth and later counters isn't zero: an earlier version that is installed again can read
// whatever has none of them. Counters of a later version are passed over.
#pragma once

#include <string>
#include <string_view>

#include "actors/statistics/leaf_counts.hpp"
#include "messages/error.hpp"

namespace ie {

std::string encode_block(const block_rows& rows);

// Fails: storage_failed, with the place of the first byte that is wrong.
outcome<block_rows> decode_block(std::string_view bytes);

// Adds the rows of `other` to `rows`, in time linear in both.
void add_rows(block_rows& rows, const block_rows& other);

// Orders rows that come in any order and adds up those of the same object.
void sort_rows(block_rows& rows);

// Reads one row after the other, without making a vector of them.
class block_reader {
  public:
    explicit block_reader(std::string_view bytes);

    // False at the end, and at the first byte that is wrong.
    bool next();
    const block_row& row() const { return row_; }

    bool damaged() const { return damaged_; }
    size_t offset() const { return static_cast<size_t>(at_ - begin_); }

  private:
    bool next_of_first();
    bool next_of_second();
    bool read_object();
    template <class Mask>
    bool read_counts(Mask mask);
    bool read_number(uint64_t& number);
    bool fail_here();

    const uint8_t* begin_;
    const uint8_t* at_;
    const uint8_t* end_;
    block_row row_;
    uint8_t format_ = 0;
    bool has_later_ = false;  // a counter that format 1 hasn't
    bool damaged_ = false;
};

}  // namespace ie
