// For tests: asked before each step on disk that can fail ("write", "fsync", "rename",
// "fsync_folder", "read", "unlink", "commit"); what it returns is the errno that the step fails
// with, 0: go on.
#pragma once

#include <functional>
#include <string_view>

namespace ie {

using fault_point = std::function<int(std::string_view step)>;

}  // namespace ie
