#include "actors/quarantine/search/text_search.hpp"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace ie {
namespace {

// Bytes of a pattern, and how far from its beginning each stands. Four tell nearly every place
// where the pattern doesn't begin; a shorter pattern has some of them twice.
struct compared_byte {
    size_t offset = 0;
    char byte = 0;
};
using compared_bytes = std::array<compared_byte, 4>;

compared_bytes compared_of(std::string_view pattern) {
    const size_t last = pattern.size() - 1;
    compared_bytes bytes;
    size_t i = 0;
    for (const size_t offset :
         {size_t{0}, std::min<size_t>(1, last), std::min<size_t>(2, last), last}) {
        bytes[i++] = {offset, pattern[offset]};
    }
    return bytes;
}

#ifdef __x86_64__

// Bit n of word w: the bytes stand where they should for a pattern that begins at w * 64 + n.
void find_candidates(const char* text, const compared_bytes& bytes, std::span<uint64_t> words) {
    __m128i wanted[4];
    for (size_t i = 0; i < 4; ++i) wanted[i] = _mm_set1_epi8(bytes[i].byte);
    for (size_t w = 0; w < words.size(); ++w) {
        uint64_t word = 0;
        for (size_t part = 0; part < 64; part += 16) {
            __m128i all = _mm_set1_epi8(-1);
            for (size_t i = 0; i < 4; ++i) {
                const char* const at = text + w * 64 + part + bytes[i].offset;
                const __m128i there = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
                all = _mm_and_si128(all, _mm_cmpeq_epi8(there, wanted[i]));
            }
            word |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(all))} << part;
        }
        words[w] = word;
    }
}

// The same at twice the pace.
__attribute__((target("avx2"))) void find_candidates_avx2(const char* text,
                                                          const compared_bytes& bytes,
                                                          std::span<uint64_t> words) {
    __m256i wanted[4];
    for (size_t i = 0; i < 4; ++i) wanted[i] = _mm256_set1_epi8(bytes[i].byte);
    for (size_t w = 0; w < words.size(); ++w) {
        __m256i low = _mm256_set1_epi8(-1);
        __m256i high = low;
        for (size_t i = 0; i < 4; ++i) {
            const auto* const at =
                reinterpret_cast<const __m256i*>(text + w * 64 + bytes[i].offset);
            low = _mm256_and_si256(low, _mm256_cmpeq_epi8(_mm256_loadu_si256(at), wanted[i]));
            high = _mm256_and_si256(high, _mm256_cmpeq_epi8(_mm256_loadu_si256(at + 1), wanted[i]));
        }
        words[w] = uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(low))} |
                   uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
    }
}

const auto find_candidates_here =
    __builtin_cpu_supports("avx2") ? find_candidates_avx2 : find_candidates;

#else

void find_candidates_here(const char* text, const compared_bytes& bytes,
                          std::span<uint64_t> words) {
    for (size_t w = 0; w < words.size(); ++w) {
        words[w] = 0;
        for (size_t n = 0; n < 64; ++n) {
            bool all = true;
            for (const auto& [offset, byte] : bytes) all &= text[w * 64 + n + offset] == byte;
            words[w] |= uint64_t{all} << n;
        }
    }
}

#endif

uint64_t eight_bytes(const char* at) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

// Whether the pattern stands there.
bool stands_at(const char* at, std::string_view pattern) {
    constexpr size_t size = sizeof(uint64_t);
    if (pattern.size() < size) return std::memcmp(at, pattern.data(), pattern.size()) == 0;
    const size_t last = pattern.size() - size;
    return eight_bytes(at) == eight_bytes(pattern.data()) &&
           eight_bytes(at + last) == eight_bytes(pattern.data() + last) &&
           (last <= size || std::memcmp(at, pattern.data(), last) == 0);
}

// Of candidates those where the whole pattern stands.
uint64_t confirmed(const char* at, std::string_view pattern, uint64_t candidates) {
    uint64_t places = 0;
    for (; candidates != 0; candidates &= candidates - 1) {
        const int place = std::countr_zero(candidates);
        places |= uint64_t{stands_at(at + place, pattern)} << place;
    }
    return places;
}

// Of less than 64 places: behind them may be nothing to compare.
uint64_t places_of_few(std::string_view text, std::string_view pattern, size_t count) {
    uint64_t places = 0;
    for (size_t i = 0; i < count; ++i) {
        places |= uint64_t{text.substr(i, pattern.size()) == pattern} << i;
    }
    return places;
}

}  // namespace

bool match_places::find(std::string_view text, std::string_view pattern) {
    const size_t places = text.size() < pattern.size() ? 0 : text.size() - pattern.size() + 1;
    const size_t words = places / 64;
    find_candidates_here(text.data(), compared_of(pattern), {words_.data(), words});
    words_[words] = places_of_few(text.substr(words * 64), pattern, places % 64);
    if (pattern.size() > compared_bytes{}.size()) {
        for (size_t i = 0; i < words; ++i) {
            if (words_[i] != 0) words_[i] = confirmed(text.data() + i * 64, pattern, words_[i]);
        }
    }
    return note_ends(words + 1);
}

bool match_places::note_ends(size_t words) {
    size_t end = 0;
    for (size_t i = 0; i < words; ++i) {
        ends_[i] = static_cast<uint32_t>(end);
        end = std::max(end, end_in(i, words_[i]));
    }
    return end != 0;
}

}  // namespace ie
