// The names in a zip that can't be read as one: from each header that is still there (PKWARE's
// APPNOTE 4.3.7 and 4.3.12). Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ie {

std::vector<std::string_view> zip_names(std::string_view bytes, uint64_t names_max);

}  // namespace ie
