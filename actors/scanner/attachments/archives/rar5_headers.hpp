// What libarchive doesn't tell of RAR 5 archives ("RAR 5.0 archive format"). Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ie {

// Whether its names or the contents of any of its files are encrypted. False for all else.
bool is_encrypted_rar5(std::string_view bytes);

// The names of its files, also behind one whose content can't be read; without its folders.
std::vector<std::string_view> rar5_names(std::string_view bytes, uint64_t names_max);

}  // namespace ie
