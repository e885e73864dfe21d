// A PHP script's name, out of what PHP writes of it into a mail's header. Pure.
#pragma once

#include <string_view>

namespace ie {

// Without white space around, and without what PHP adds where code was made while it ran:
// "f.php(1826) : eval()'d code" and "f.php(3) : runtime-created function" are f.php's.
std::string_view script_file(std::string_view name);

// "www.x.com/a.php" of "www.x.com/a.php for 192.0.2.1", and where nobody is named behind "for".
std::string_view script_place(std::string_view value);

// "www.x.com" of "www.x.com:8080".
std::string_view without_port(std::string_view host);

}  // namespace ie
