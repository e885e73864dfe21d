// HTML's character references (HTML Standard, sections 13.2.5.72 to 13.2.5.80): `&eacute;`,
// `&#233;`, `&#xE9;`, and those names that count without a semicolon. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ie {

struct html_reference {
    std::string text;  // UTF-8
    size_t size = 0;   // bytes of the reference, from & on; 0: there is none
};

// The one at the front of `html`, which begins with &.
html_reference first_reference(std::string_view html);

}  // namespace ie
