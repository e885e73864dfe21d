#include "config/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "config/log.hpp"
#include "messages/hex.hpp"

namespace ie {
namespace {

void fill(uint8_t* to, size_t size) {
    while (size > 0) {
        const ssize_t got = getrandom(to, size, 0);
        ensure(got > 0 || errno == EINTR, "getrandom failed");
        if (got <= 0) continue;
        to += got;
        size -= static_cast<size_t>(got);
    }
}

}  // namespace

std::string random_source::uuid_text(uuid_bytes bytes) {
    bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text;
    text.reserve(36);
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += hex_digits[bytes[i] >> 4];
        text += hex_digits[bytes[i] & 0x0F];
    }
    return text;
}

random_source::uuid_bytes random_source::next() {
    if (used_ == buffer_size_bytes) {
        fill(buffer_.data(), buffer_.size());
        used_ = 0;
    }
    uuid_bytes bytes{};
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(used_);
    std::copy_n(from, uuid_size_bytes, bytes.begin());
    used_ += uuid_size_bytes;
    return bytes;
}

}  // namespace ie
