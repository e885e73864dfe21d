// Base64 (RFC 4648, and its URL alphabet) that isn't as it should be, as mail clients take it:
// without padding, with characters in it that are none of the alphabet. Pure; linear.
#pragma once

#include <string>
#include <string_view>

namespace ie {

// `padding_ends_group`: what follows a '=' begins a new group; else nothing has happened.
std::string from_lenient_base64(std::string_view text, bool padding_ends_group);

}  // namespace ie
