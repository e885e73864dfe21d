// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <string_view>

namespace ie {

std::array<unsigned char, 32> sha256(std::string_view bytes);

}  // namespace ie
