// A growing array whose elements never move and that never holds more than one chunk too many: a
// million objects neither wait for a copy of themselves nor double.
#pragma once

#include <memory>
#include <vector>

namespace ie {

template <class T>
class chunks {
  public:
    size_t size() const { return size_; }
    T& operator[](size_t at) { return chunks_[at / chunk_size][at % chunk_size]; }
    const T& operator[](size_t at) const { return chunks_[at / chunk_size][at % chunk_size]; }

    T& push_back(T value) {
        if (size_ == chunks_.size() * chunk_size) {
            chunks_.push_back(std::make_unique<T[]>(chunk_size));
        }
        T& place = (*this)[size_++];
        place = std::move(value);
        return place;
    }

    void pop_back() {
        --size_;
        // One empty chunk stays, so that growing and shrinking by one doesn't allocate each time.
        if (size_ + 2 * chunk_size <= chunks_.size() * chunk_size) chunks_.pop_back();
    }

    void clear() {
        chunks_.clear();
        size_ = 0;
    }

  private:
    static constexpr size_t chunk_size = 4'096;

    std::vector<std::unique_ptr<T[]>> chunks_;
    size_t size_ = 0;
};

}  // namespace ie
