// For tests: asked before each step on disk that can fail. A step has a name, a path, and a number:
// how often this name and path have been asked for, 1 at first. Names: "write", "rename", "unlink",
// "read", "fsync_file", "fsync_folder" (message files), "append", "fsync", "checkpoint", "free"
// (the journal), "commit", "committed" (can't fail), "log", "list"
// (quarantine.db). Linux tells an error of
// an fsync once: whoever makes a sync fail and lets the next one pass must count as lost what was
// written before the first. Asked by several threads; copies count together.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace ie {

struct disk_step {
    std::string_view name;
    std::string_view path;
    uint64_t time = 0;  // from 1
};

class fault_point {
  public:
    // The errno that the step fails with; 0: go on.
    using judge = std::function<int(const disk_step&)>;

    fault_point() = default;
    fault_point(judge asked) {
        if (asked) asked_ = std::make_shared<counted>(std::move(asked));
    }
    template <class Judge>
    requires std::is_invocable_r_v<int, Judge&, const disk_step&> fault_point(Judge asked)
        : fault_point(judge(std::move(asked))) {}

    // Sets errno where it is true.
    bool fails(std::string_view name, std::string_view path) const {
        if (!asked_) return false;
        const int code = asked_->ask({name, path, asked_->count(name, path)});
        if (code != 0) errno = code;
        return code != 0;
    }

  private:
    struct counted {
        explicit counted(judge asked) : ask(std::move(asked)) {}
        uint64_t count(std::string_view name, std::string_view path) {
            const std::lock_guard lock(mutex);
            return ++times[std::string(name).append(" ").append(path)];
        }
        judge ask;
        std::mutex mutex;
        std::map<std::string, uint64_t> times;
    };

    std::shared_ptr<counted> asked_;
};

}  // namespace ie
