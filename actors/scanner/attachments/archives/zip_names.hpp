// All names that a zip gives to its files, whichever a program goes by: those in the headers before
// the files, in the directory at the end, and in their Unicode path fields; of each zip where
// several are joined, and of one that can't be read any more (PKWARE's APPNOTE 4.3.7, 4.3.12,
// 4.6.9). Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ie {

std::vector<std::string_view> zip_names(std::string_view bytes, uint64_t names_max);

}  // namespace ie
