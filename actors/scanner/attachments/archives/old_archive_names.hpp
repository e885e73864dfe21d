// The names in archives that no library here reads: ARJ (its TECHNOTE.TXT) and ACE (as unpackers
// document it). As far as the headers can be followed; of what is encrypted in their headers none.
// Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ie {

bool is_arj(std::string_view bytes);
bool is_ace(std::string_view bytes);

std::vector<std::string_view> arj_names(std::string_view bytes, uint64_t names_max);
std::vector<std::string_view> ace_names(std::string_view bytes, uint64_t names_max);

}  // namespace ie
