#pragma once

#include <string>

namespace ie {

// What keeps lines from the file that they belong in, for `status`; empty: nothing does.
std::string log_trouble();

}  // namespace ie
