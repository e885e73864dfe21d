// What a person reads of an HTML text: tags, comments, scripts and styles gone, character
// references resolved, lines where blocks end, cells apart. Where browsers differ it shows more
// rather than less. For looking at, not for judging. Pure, linear, and at most a fifth longer than
// its input.
#pragma once

#include <string>
#include <string_view>

namespace ie {

std::string html_text(std::string_view html);

// The charset that its first <meta> tells, in the first KB; empty: none does. (HTML Standard,
// section 13.2.3.2, in short.)
std::string_view html_charset(std::string_view html);

}  // namespace ie
