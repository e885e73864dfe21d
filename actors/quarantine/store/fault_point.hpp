// For tests: asked before each step on disk that can fail ("write", "append", "fsync", "rename",
// "fsync_file", "fsync_folder", "commit", "committed" (can't fail), "checkpoint", "read", "list",
// "unlink"); what it returns is the errno that the step fails with, 0: go on. Asked by several
// threads.
#pragma once

#include <functional>
#include <string_view>

namespace ie {

using fault_point = std::function<int(std::string_view step)>;

}  // namespace ie
