// The names that a part's headers may give to its file. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

// Each name that one mail client or another makes of a Content-Disposition or Content-Type (RFC
// 2183, 2045, 2047, 2231), UTF-8 where it could be told: parameters in sections, in any order; with
// a charset and percent signs; encoded words, which RFC 2047 forbids here; quotes that are missing,
// doubled or escaped; two names where there should be one. `value` is what stands after the
// header's colon, folded as it came. Linear in its size.
std::vector<std::string> names_in(std::string_view value);

// Each boundary that a Content-Type names.
std::vector<std::string> boundaries_in(std::string_view value);

}  // namespace ie
