// Bytes that say which charset they are in, as a mail client shows them. Labels are the Encoding
// Standard's (WHATWG, section 4.2), which every browser and most mail clients go by: a label means
// the charset that is used under that name, not the one that it once named. Nothing disappears: a
// byte that belongs to no character becomes U+FFFD. Pure; linear in time.
#pragma once

#include <string>
#include <string_view>

namespace ie {

// The text as valid UTF-8, without a byte order mark; a NUL is U+FFFD.
//
// A byte order mark counts more than the label. No label, one that nobody knows, and us-ascii,
// iso-8859-1 and windows-1252 with their aliases: UTF-8 where the bytes are, else windows-1252. Any
// other: that charset where all bytes fit it, else UTF-8 where they are, else that charset.
std::string text_of(std::string_view bytes, std::string_view label);

}  // namespace ie
