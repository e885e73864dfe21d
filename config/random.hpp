// Ids that nobody can guess: UUIDs of version 4 (RFC 4122, section 4.4) from the kernel's random
// numbers, read ahead by the buffer. Not thread-safe: one for each actor.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace ie {

class random_source {
  public:
    static constexpr size_t uuid_size_bytes = 16;
    using uuid_bytes = std::array<uint8_t, uuid_size_bytes>;

    std::string uuid() { return uuid_text(next()); }

    // The text form of 16 random bytes, with version and variant set. Pure.
    static std::string uuid_text(uuid_bytes bytes);

  private:
    static constexpr size_t buffer_size_bytes = 256 * uuid_size_bytes;

    uuid_bytes next();

    std::array<uint8_t, buffer_size_bytes> buffer_{};
    size_t used_ = buffer_size_bytes;
};

}  // namespace ie
