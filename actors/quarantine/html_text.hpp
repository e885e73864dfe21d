// What a person reads of an HTML text: tags, comments, scripts and styles gone, the common
// character references resolved, lines where blocks end. For looking at, not for judging. Pure,
// linear, and never more than its input.
#pragma once

#include <string>
#include <string_view>

namespace ie {

std::string html_text(std::string_view html);

}  // namespace ie
