// Bytes out of base64 and quoted-printable (RFC 2045, 6.7 and 6.8) as mail clients take them, which
// go on where something isn't as it should be. Pure; linear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ie {

// What isn't of the alphabet is passed over. Padding in the middle ends nothing: for some clients
// the next character begins a new group, for others nothing has happened; both, if they differ.
std::vector<std::string> base64_readings(std::string_view text);

std::string from_quoted_printable(std::string_view text);

}  // namespace ie
