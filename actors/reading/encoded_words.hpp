// A header's value, or a name in one, as a mail client shows it: its encoded words (RFC 2047)
// decoded, also where they are written as they shouldn't be, as they are in real mail: in quotes,
// without white space around, with spaces in their text, without base64's padding, a character cut
// in two between two words. Pure; linear.
#pragma once

#include <string>
#include <string_view>

namespace ie {

// Valid UTF-8. What is in no encoded word is in `charset`, by text_of's rule: that of the mail's
// text, or none.
std::string header_text(std::string_view value, std::string_view charset = {});

}  // namespace ie
