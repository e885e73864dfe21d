// For tests: asked before each step on disk that can fail ("write", "append", "fsync", "rename",
// "commit", "checkpoint", "read", "unlink", "fsync_folder"); what it returns is the errno that the
// step fails with, 0: go on. "write" is asked by several threads.
#pragma once

#include <functional>
#include <string_view>

namespace ie {

using fault_point = std::function<int(std::string_view step)>;

}  // namespace ie
