// Base64 (RFC 4648, section 4) and its URL-safe alphabet without padding (section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ie {

std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);

// Reads either alphabet, padded or not. Nothing where another character stands in it, white space
// included, or where the length can't be.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ie
