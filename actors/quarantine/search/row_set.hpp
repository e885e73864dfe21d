// A set of rows, numbered from 0, at one bit each. Pure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ie {

class row_set {
  public:
    static constexpr size_t word_rows = 64;

    row_set() = default;
    row_set(size_t size, bool all)
        : size_(size), words_((size + word_rows - 1) / word_rows, all ? ~uint64_t{0} : 0) {
        if (all && size % word_rows != 0) words_.back() >>= word_rows - size % word_rows;
    }

    size_t size() const { return size_; }
    void push_back(bool in) {
        if (size_ % word_rows == 0) words_.push_back(0);
        set(size_++, in);
    }
    bool contains(size_t row) const {
        return (words_[row / word_rows] >> row % word_rows & 1) != 0;
    }
    void set(size_t row, bool in) {
        const uint64_t bit = uint64_t{1} << row % word_rows;
        uint64_t& word = words_[row / word_rows];
        word = in ? word | bit : word & ~bit;
    }
    size_t count() const {
        size_t rows = 0;
        for (const uint64_t word : words_) rows += static_cast<size_t>(std::popcount(word));
        return rows;
    }
    // Of a set of the same size.
    row_set& operator&=(const row_set& other) {
        for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
        return *this;
    }
    row_set& operator|=(const row_set& other) {
        for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
        return *this;
    }

    // Row r is bit r % 64 of word r / 64; the bits beyond `size` are 0.
    const std::vector<uint64_t>& words() const { return words_; }
    std::vector<uint64_t>& words() { return words_; }

  private:
    size_t size_ = 0;
    std::vector<uint64_t> words_;
};

}  // namespace ie
