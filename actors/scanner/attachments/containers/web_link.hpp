// Whether a file is no more than a link to a page of the web, as browsers leave it where an address
// is dragged. Pure.
#pragma once

#include <string_view>

namespace ie {

// "[InternetShortcut]" with addresses of http or https only, and nothing else that Windows would
// fetch from elsewhere.
bool is_web_link(std::string_view bytes);

}  // namespace ie
