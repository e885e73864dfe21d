// A unix socket that only Exim may speak to: mode 0660, and of who connects only root and our own
// uid get in, by the kernel's word. A lock file beside the socket keeps a second hook out, even
// while the first one is stopped; with the lock in hand a socket file that is there is a stale one
// and is replaced.
#pragma once

#include <string>

#include "config/system/file_handle.hpp"
#include "messages/error.hpp"

namespace ie {

class listener {
  public:
    // Fails: conflict (another hook has it), storage_failed, bad_request.
    static outcome<listener> open(const std::string& path);

    ~listener();
    listener(listener&&) noexcept = default;
    listener& operator=(listener&&) = delete;

    int get() const { return socket_.get(); }

    struct visitor {
        file_handle connection;
        uint32_t uid = 0;
        bool welcome = false;
    };
    // Fails: not_found (nobody is waiting), unavailable (no descriptor left: try again later).
    outcome<visitor> accept() const;

  private:
    listener() = default;

    std::string path_;  // empty once moved from
    file_handle lock_;
    file_handle socket_;
};

}  // namespace ie
