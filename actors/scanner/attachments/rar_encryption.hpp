// What libarchive doesn't tell of RAR 5 archives ("RAR 5.0 archive format"). Pure.
#pragma once

#include <string_view>

namespace ie {

// Whether its names or the contents of any of its files are encrypted. False for all else.
bool is_encrypted_rar5(std::string_view bytes);

}  // namespace ie
