// The extensions of files that Windows runs, or that make it run something, when they are opened.
#pragma once

#include <string>
#include <vector>

namespace ie {

// In lower case, without their dots. Office documents aren't among them, nor are archives and
// images of disks that can be looked into.
std::vector<std::string> windows_programs();

}  // namespace ie
