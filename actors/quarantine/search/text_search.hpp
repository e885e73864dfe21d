// Where a pattern begins in a large text, as a bit for each byte of it. Pure. The C library's
// memmem does a gigabyte a second; this compares 64 places at once, without a branch for each that
// matches.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ie {

// The places of one text after the other: their memory is used again.
class match_places {
  public:
    // For texts of at most that many bytes.
    explicit match_places(size_t text_bytes_max)
        : words_(text_bytes_max / 64 + 1), ends_(text_bytes_max / 64 + 1) {}

    // Finds the places in another text; false: there are none. The pattern isn't empty.
    bool find(std::string_view text, std::string_view pattern);

    // Whether a match begins in [begin, end) of the text, which ends where a match could still
    // begin. Without a branch.
    bool any_within(size_t begin, size_t end) const {
        const size_t word = end / 64;
        const uint64_t places = words_[word] & ((uint64_t{1} << end % 64) - 1);
        return std::max<size_t>(end_in(word, places), ends_[word]) > begin;
    }

  private:
    // Where the last of a word's places ends; 0: it has none.
    static size_t end_in(size_t word, uint64_t places) {
        // 0 has no first bit to look for; a branch would be guessed wrong half of the time.
        const auto width = static_cast<size_t>(std::bit_width(places | 1));
        return (word * 64 + width) & (size_t{0} - size_t{places != 0});
    }
    bool note_ends(size_t words);

    std::vector<uint64_t> words_;  // bit b of word w: a match begins at byte w * 64 + b
    std::vector<uint32_t> ends_;   // of the last place before each word
};

}  // namespace ie
